import { describe, expect, it } from 'vitest';
import { CorruptBatchError, UnsupportedCodecError } from '../../src/errors/index.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import type { Amount } from '../../src/table/held.ts';
import { batchOf, offsets, tableOf, takeAll, unreadable, working } from './scenario.ts';

function cursorAt(position: number, window: Partial<Amount> = {}, mark?: number): Cursor {
  const { table } = tableOf({ window: { records: Infinity, bytes: Infinity, ...window } });
  return working(table, position, mark === undefined ? {} : { mark });
}

const values = (count: number, size: number) => Array.from({ length: count }, () => ({ value: Buffer.alloc(size) }));

describe('delivery', () => {
  it('hands out records in order, and the position goes with it', () => {
    const cursor = cursorAt(0);
    cursor.receive(batchOf(0, 2), true);
    cursor.receive(batchOf(2, 1), true);
    const seen = [cursor.position];
    for (let record = cursor.delivery.take(); record !== undefined; record = cursor.delivery.take())
      seen.push(record.offset, cursor.position);
    expect(seen).toEqual([0, 0, 1, 1, 2, 2, 3]);
    expect(cursor.delivery.hold).toBe('empty');
  });

  it('begins inside of a batch, and ends inside of one at the mark', () => {
    const cursor = cursorAt(3, {}, 7);
    cursor.receive(batchOf(0, 5), true);
    cursor.receive(batchOf(5, 5), true);
    expect(offsets(takeAll(cursor))).toEqual([3, 4, 5, 6]);
    expect([cursor.position, cursor.state.kind, cursor.delivery.hold]).toEqual([7, 'completed', 'over']);
  });

  it('passes batches with nothing to deliver: control, aborted, emptied, before the position', () => {
    const cursor = cursorAt(1);
    cursor.receive(batchOf(0, [{ offsetDelta: 0 }], { lastOffsetDelta: 2 }), true);
    cursor.receive(batchOf(3, 1, { isControl: true, isTransactional: true }), false);
    cursor.receive(batchOf(4, 2, { isTransactional: true }), false);
    cursor.receive(batchOf(6, 0, { lastOffsetDelta: 4 }), true);
    expect(takeAll(cursor)).toEqual([]);
    expect([cursor.position, cursor.fetchOffset, cursor.committable, cursor.held.bytes]).toEqual([11, 11, 11, 0]);
  });

  it('passes what nothing reads, where it is not to be delivered', () => {
    const cursor = cursorAt(0);
    cursor.receive(unreadable(0, 'codec 5'), false);
    cursor.receive(batchOf(2, 1), true);
    expect([offsets(takeAll(cursor)), cursor.position]).toEqual([[2], 3]);
  });

  it('passes them at once, where nothing deliverable is before them', () => {
    const cursor = cursorAt(0);
    cursor.receive(batchOf(0, 2), false);
    expect([cursor.position, cursor.held.hasUndelivered]).toEqual([2, false]);
    cursor.receive(batchOf(2, 1), true);
    cursor.receive(batchOf(3, 2), false);
    expect(cursor.position).toBe(2);
    cursor.delivery.take();
    expect([cursor.position, cursor.committable]).toEqual([5, 2]);
  });

  it('of whole batches leaves out what was acked before', () => {
    const cursor = cursorAt(0);
    cursor.receive(batchOf(0, 5), true);
    const first = cursor.delivery.takeBatch();
    expect([first?.length, first?.firstOffset, first?.lastOffset, cursor.position]).toEqual([5, 0, 4, 5]);
    for (const index of [0, 2, 3]) first?.at(index).ack();
    cursor.delivery.detach();
    cursor.delivery.attach();
    const again = cursor.delivery.takeBatch();
    expect(offsets(again ?? [])).toEqual([1, 4]);
    expect([again?.length, again?.firstOffset, again?.lastOffset]).toEqual([2, 1, 4]);
    expect(again?.bytes).toBeLessThan(first?.bytes ?? 0);
    again?.ack();
    expect([cursor.held.records, cursor.held.bytes, cursor.committable]).toEqual([0, 0, 5]);
  });

  it('has no record outside of a batch', () => {
    const cursor = cursorAt(0);
    cursor.receive(batchOf(0, 2), true);
    const batch = cursor.delivery.takeBatch();
    for (const index of [-1, 2, 0.5]) expect(() => batch?.at(index)).toThrow(RangeError);
  });

  it('acks a detached record in the batch that it came from', () => {
    const cursor = cursorAt(0);
    cursor.receive(batchOf(0, 3), true);
    const [, second] = takeAll(cursor);
    const copy = second?.detach();
    expect([copy?.offset, copy?.value, copy?.detach() === copy]).toEqual([1, Buffer.from('v1'), true]);
    copy?.ack();
    second?.ack();
    expect([cursor.acks, cursor.held.records]).toEqual([1, 2]);
  });

  it('does not deliver again what is acked late, when the new subscriber has not come to it', () => {
    const cursor = cursorAt(0, { records: 2 });
    cursor.receive(batchOf(0, 4), true);
    const [first, second] = takeAll(cursor);
    cursor.delivery.detach();
    cursor.delivery.attach();
    first?.ack();
    expect([cursor.position, cursor.committable]).toEqual([1, 1]);
    second?.ack();
    expect(offsets(takeAll(cursor))).toEqual([2, 3]);
    expect(cursor.held.records).toBe(2);
  });

  it('passes in one step what was acked before: the position is never below what may be committed', () => {
    const cursor = cursorAt(0);
    cursor.receive(batchOf(0, 3), true);
    const [first, second] = takeAll(cursor);
    second?.ack();
    cursor.delivery.detach();
    cursor.delivery.attach();
    expect([cursor.delivery.take()?.offset, cursor.position]).toEqual([0, 2]);
    first?.ack();
    expect([cursor.position, cursor.committable]).toEqual([2, 2]);
  });
});

describe('the window', () => {
  it('stops in the middle of a batch, and each ack lets one further record through', () => {
    const cursor = cursorAt(0, { records: 2 });
    cursor.receive(batchOf(0, 5), true);
    const taken = takeAll(cursor);
    expect([offsets(taken), cursor.delivery.hold]).toEqual([[0, 1], 'window']);
    taken[1]?.ack();
    expect([offsets(takeAll(cursor)), cursor.delivery.hold]).toEqual([[2], 'window']);
  });

  it('bounds bytes too', () => {
    const cursor = cursorAt(0, { bytes: 350 });
    cursor.receive(batchOf(0, values(5, 100)), true);
    expect(offsets(takeAll(cursor))).toEqual([0, 1, 2]);
  });

  it('bounds the second, never the first: one record of any size may go when nothing is outstanding', () => {
    const cursor = cursorAt(0, { bytes: 10 });
    cursor.receive(batchOf(0, values(2, 1_000)), true);
    const [first] = takeAll(cursor);
    expect([first?.offset, cursor.delivery.hold]).toEqual([0, 'window']);
    first?.ack();
    expect(offsets(takeAll(cursor))).toEqual([1]);
  });

  it('lets a batch go as a whole, or not at all', () => {
    const cursor = cursorAt(0, { records: 4 });
    for (const base of [0, 3, 6]) cursor.receive(batchOf(base, 3), true);
    const first = cursor.delivery.takeBatch();
    expect([first?.length, cursor.delivery.takeBatch(), cursor.delivery.hold]).toEqual([3, undefined, 'window']);
    first?.at(0).ack();
    expect(cursor.delivery.takeBatch()).toBeUndefined();
    first?.at(1).ack();
    expect(cursor.delivery.takeBatch()?.firstOffset).toBe(3);
  });

  it('lets the first batch go however large it is', () => {
    const cursor = cursorAt(0, { records: 1, bytes: 1 });
    cursor.receive(batchOf(0, values(3, 100)), true);
    expect(cursor.delivery.takeBatch()?.length).toBe(3);
  });
});

describe('delivery waits', () => {
  it('for the last of several who hold a pause', () => {
    const cursor = cursorAt(0);
    cursor.receive(batchOf(0, 1), true);
    cursor.delivery.pauses = 2;
    expect([cursor.delivery.take(), cursor.delivery.hold]).toEqual([undefined, 'paused']);
    cursor.delivery.pauses = 1;
    expect([cursor.delivery.take(), cursor.delivery.hold]).toEqual([undefined, 'paused']);
    cursor.delivery.pauses = 0;
    expect(cursor.delivery.take()?.offset).toBe(0);
  });

  it('for a subscriber, and for a position', () => {
    const cursor = cursorAt(0);
    cursor.receive(batchOf(0, 1), true);
    cursor.delivery.detach();
    expect([cursor.delivery.take(), cursor.delivery.hold]).toEqual([undefined, 'unsubscribed']);
    cursor.delivery.attach();
    cursor.relocate({ kind: 'place', at: 'latest' }, 'seek');
    expect([cursor.delivery.take(), cursor.delivery.hold]).toEqual([undefined, 'locating']);
  });

  it('no more once the stream is over', () => {
    const cursor = cursorAt(0);
    cursor.receive(batchOf(0, 1), true);
    cursor.apply({ kind: 'complete', why: 'revoked' });
    expect([cursor.delivery.take(), cursor.delivery.hold]).toEqual([undefined, 'over']);
  });
});

describe('a failed partition', () => {
  it('delivers the good records first', () => {
    const cursor = cursorAt(0);
    cursor.receive(batchOf(0, 2), true);
    cursor.apply({ kind: 'fail', error: new Error('bad') });
    expect([offsets(takeAll(cursor)), cursor.delivery.hold, cursor.position]).toEqual([[0, 1], 'failed', 2]);
  });

  it.each([
    ['gzip', CorruptBatchError, { code: 'CORRUPT_MESSAGE', firstOffset: 2, lastOffset: 3, topic: 't', partition: 0 }],
    [
      'codec 5',
      UnsupportedCodecError,
      {
        ...{ codec: 'codec 5', install: '', topic: 't', partition: 0, offset: 2 },
        message: 'no decompressor for codec 5, and the batch of t-0 at offsets 2 to 3 is in it',
      },
    ],
  ] as const)(
    'is one with a batch that cannot be read (%s): records before it are delivered, it and what is behind it are fetched again',
    (codec, kind, fields) => {
      const cursor = cursorAt(0);
      cursor.receive(batchOf(0, 2), true);
      const good = cursor.held.bytes;
      cursor.receive(unreadable(2, codec), true);
      cursor.receive(batchOf(4, 1), true);
      expect([offsets(takeAll(cursor)), cursor.delivery.hold]).toEqual([[0, 1], 'failed']);
      expect(cursor.state).toMatchObject({ kind: 'failed', told: false, error: fields, before: { kind: 'fetching' } });
      expect(cursor.state.kind === 'failed' && cursor.state.error).toBeInstanceOf(kind);
      expect([cursor.position, cursor.fetchOffset, cursor.held.bytes]).toEqual([2, 2, good]);
    },
  );

  it('is tried again by its next subscriber once it was told, and not before', () => {
    const cursor = cursorAt(0);
    cursor.apply({ kind: 'fail', error: new Error('bad') });
    cursor.delivery.detach();
    cursor.delivery.attach();
    expect(cursor.state.kind).toBe('failed');
    cursor.apply({ kind: 'told' });
    cursor.delivery.detach();
    cursor.delivery.attach();
    expect([cursor.state.kind, cursor.position]).toEqual(['fetching', 0]);
  });
});
