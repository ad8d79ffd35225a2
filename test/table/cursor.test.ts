import { describe, expect, it } from 'vitest';
import type { Cursor } from '../../src/table/cursor.ts';
import { Table } from '../../src/table/table.ts';
import { batchOf, ledByZero, offsets, tableOf, takeAll, unreadable, working } from './scenario.ts';

/** One record of that many bytes, more or less. */
const sized = (offset: number, bytes: number) => batchOf(offset, [{ value: Buffer.alloc(bytes - 100) }]);

function bounded(maxBuffered: number): { readonly cursor: Cursor; readonly wakes: () => number } {
  const { table } = tableOf({ maxBuffered });
  const cursor = working(table, 0);
  ledByZero(table);
  let wakes = 0;
  table.rows.get(0)?.line.wakes.subscribe(() => wakes++);
  return { cursor, wakes: () => wakes };
}

describe('the demand of a cursor', () => {
  it('lasts until it holds its slice, and begins again only below half of it: its broker is told then', () => {
    const { cursor, wakes } = bounded(10_000);
    expect(cursor.room).toBe(10_000);
    for (const offset of [0, 1, 2]) cursor.receive(sized(offset, 3_000), true);
    expect(cursor.room).toBe(10_000 - cursor.held.bytes);
    cursor.receive(sized(3, 3_000), true);
    expect([cursor.room, cursor.heldByDemand]).toEqual([0, true]);
    const before = wakes();
    const [a, b, c] = takeAll(cursor);
    a?.ack();
    b?.ack();
    expect([cursor.room, cursor.heldByDemand, wakes()]).toEqual([0, true, before]);
    c?.ack();
    expect([cursor.room > 0, cursor.heldByDemand, wakes()]).toEqual([true, false, before + 1]);
  });

  it('is there for one batch at least, however small the slice', () => {
    const { cursor } = bounded(1);
    expect(cursor.room).toBe(1);
    cursor.receive(sized(0, 5_000), true);
    expect(cursor.room).toBe(0);
  });

  it('is nothing without a subscriber, without a position, with an error and after the end', () => {
    const { cursor } = bounded(1_000);
    cursor.delivery.detach();
    expect(cursor.room).toBe(0);
    cursor.delivery.attach();
    expect(cursor.room).toBe(1_000);
    cursor.relocate({ kind: 'place', at: 'latest' }, 'seek');
    expect(cursor.room).toBe(0);
    cursor.locate(5);
    cursor.apply({ kind: 'fail', error: new Error('bad') });
    expect([cursor.room, cursor.heldByDemand]).toEqual([0, false]);
    cursor.apply({ kind: 'complete', why: 'stopping' });
    expect(cursor.room).toBe(0);
  });

  it('goes on while it is paused, up to its slice', () => {
    const { cursor } = bounded(1_000);
    cursor.delivery.pauses = 1;
    expect(cursor.room).toBe(1_000);
    cursor.receive(sized(0, 2_000), true);
    expect(cursor.room).toBe(0);
  });

  it('counts what a batch becomes when it is decompressed', () => {
    const { cursor, wakes } = bounded(50_000);
    cursor.receive(batchOf(0, [{ value: Buffer.alloc(60_000) }, {}], { compression: 'gzip' }), true);
    expect(cursor.room).toBeGreaterThan(40_000);
    const taken = [cursor.delivery.take(), cursor.delivery.take()];
    expect([cursor.held.bytes > 60_000, cursor.room]).toEqual([true, 0]);
    const before = wakes();
    for (const record of taken) record?.ack();
    expect([cursor.held.bytes, cursor.room, wakes()]).toEqual([0, 50_000, before + 1]);
  });

  it('comes back where a large batch turns out to hold nothing for us', () => {
    const { cursor, wakes } = bounded(1_000);
    cursor.locate(5);
    cursor.receive(batchOf(0, [{ value: Buffer.alloc(5_000) }], { lastOffsetDelta: 9 }), true);
    const before = wakes();
    expect([cursor.room, cursor.delivery.take()]).toEqual([0, undefined]);
    expect([cursor.position, cursor.held.bytes, cursor.room, wakes()]).toEqual([10, 0, 1_000, before + 1]);
  });

  it('comes back where what was held cannot be read', () => {
    const { cursor } = bounded(50);
    cursor.receive(unreadable(0, 'gzip'), true);
    expect(cursor.room).toBe(0);
    cursor.delivery.take();
    cursor.apply({ kind: 'told' });
    cursor.apply({ kind: 'retry' });
    expect([cursor.held.bytes, cursor.room]).toEqual([0, 50]);
  });
});

describe('a change of position', () => {
  it('forgets what was held, and acks of it count no more', () => {
    const { table } = tableOf();
    const cursor = working(table, 0);
    cursor.receive(batchOf(0, 3, { leaderEpoch: 4 }), true);
    const [first] = takeAll(cursor);
    cursor.committed = 0;
    cursor.route.round = {};
    expect(cursor.lineage.before(3)).toBe(4);
    cursor.relocate({ kind: 'place', at: { offset: 1 } }, 'seek');
    expect(cursor.state).toEqual({ kind: 'locating', target: { kind: 'place', at: { offset: 1 } }, reason: 'seek' });
    expect([cursor.positionEpoch, cursor.lastPosition, cursor.route.round]).toEqual([1, 3, undefined]);
    expect([cursor.dirty, cursor.unacked]).toEqual([false, 0]);
    cursor.locate(1);
    expect(cursor.lineage.before(3)).toBe(-1);
    first?.ack();
    first?.detach().ack();
    expect([cursor.acks, cursor.committable, cursor.dirty]).toEqual([0, 1, true]);
  });

  it('that follows another keeps the last position that was known', () => {
    const cursor = working(tableOf().table, 7);
    cursor.relocate({ kind: 'place', at: 'earliest' }, 'reset');
    cursor.relocate({ kind: 'place', at: 'latest' }, 'seek');
    expect([cursor.lastPosition, cursor.positionEpoch]).toEqual([7, 2]);
  });

  it('means nothing after the end', () => {
    const cursor = working(tableOf().table, 7);
    cursor.apply({ kind: 'complete', why: 'revoked' });
    cursor.relocate({ kind: 'place', at: 'latest' }, 'seek');
    expect([cursor.position, cursor.positionEpoch]).toEqual([7, 0]);
  });
});

describe('the mark of `stopAt`', () => {
  it.each([
    ['an empty partition', 0, 0],
    ['a position behind it', 12, 10],
  ])('ends the stream at once: %s', (_, position, mark) => {
    expect(working(tableOf().table, position, { mark }).state).toEqual({ kind: 'completed', why: 'mark' });
  });

  it('is reached over a hole, by a batch that begins behind it', () => {
    const cursor = working(tableOf().table, 4, { mark: 10 });
    cursor.receive(batchOf(15, 2), true);
    expect([cursor.position, cursor.state.kind, cursor.held.bytes]).toEqual([10, 'completed', 0]);
  });

  it('is reached by what holds nothing to deliver', () => {
    const cursor = working(tableOf().table, 4, { mark: 6 });
    cursor.receive(batchOf(4, 2), false);
    expect([cursor.position, cursor.state.kind]).toEqual([6, 'completed']);
  });

  it('is reached with the last record, whose ack still counts', () => {
    const cursor = working(tableOf().table, 0, { mark: 2 });
    cursor.receive(batchOf(0, 5), true);
    const taken = takeAll(cursor);
    expect([offsets(taken), cursor.state.kind, cursor.committable]).toEqual([[0, 1], 'completed', 0]);
    for (const record of taken) record.ack();
    expect([cursor.committable, cursor.dirty, cursor.unacked, cursor.held.bytes]).toEqual([2, true, 0, 0]);
  });
});

describe('what is to be committed', () => {
  it('is dirty whenever it differs from what was, and never once released', () => {
    const { table } = tableOf();
    const cursor = working(table, 5);
    expect(cursor.dirty).toBe(true);
    cursor.committed = 5;
    cursor.receive(batchOf(5, 2), true);
    const [first, second] = takeAll(cursor);
    second?.ack();
    expect([cursor.committable, cursor.dirty]).toEqual([5, false]);
    first?.ack();
    expect([cursor.committable, cursor.dirty]).toEqual([7, true]);
    table.release(cursor);
    expect(cursor.dirty).toBe(false);
  });

  it('is told to who commits with the first ack, after so many, and with each ack once the stream is over', () => {
    const table = new Table(
      { window: { records: 99, bytes: 1e9 }, maxBuffered: 1e9, commitEvery: 3, delivery: 'at-least-once' },
      () => undefined,
    );
    const cursor = working(table, 0);
    let wakes = 0;
    cursor.receive(batchOf(0, 6), true);
    const taken = takeAll(cursor);
    table.line.wakes.subscribe(() => wakes++);
    const after = taken.slice(0, 4).map((record) => {
      record.ack();
      return wakes;
    });
    expect(after).toEqual([1, 1, 2, 2]);
    cursor.apply({ kind: 'complete', why: 'stopping' });
    const before = wakes;
    taken[4]?.ack();
    expect(wakes).toBe(before + 1);
  });

  it('waits for nobody once the stream has errored', () => {
    const cursor = working(tableOf().table, 0);
    cursor.receive(batchOf(0, 2), true);
    takeAll(cursor);
    expect(cursor.unacked).toBe(2);
    cursor.delivery.abandoned = true;
    expect(cursor.unacked).toBe(0);
    cursor.delivery.detach();
    cursor.delivery.attach();
    takeAll(cursor);
    expect(cursor.unacked).toBe(2);
  });
});

it('an ack wakes delivery only where the window held it back', () => {
  const { table } = tableOf({ window: { records: 2, bytes: Infinity } });
  const cursor = working(table, 0);
  let wakes = 0;
  cursor.line.wakes.subscribe(() => wakes++);
  cursor.receive(batchOf(0, 4), true);
  cursor.delivery.take()?.ack();
  expect(wakes).toBe(0);
  const [first] = takeAll(cursor);
  first?.ack();
  expect(wakes).toBe(1);
});

it('lag is known once both ends are', () => {
  const cursor = working(tableOf().table, 4);
  expect(cursor.behind).toBeUndefined();
  cursor.end = 10;
  expect(cursor.behind).toBe(6);
  cursor.end = 2;
  expect(cursor.behind).toBe(0);
});
