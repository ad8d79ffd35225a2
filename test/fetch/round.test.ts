import { describe, expect, it } from 'vitest';
import { encodeBatch } from '../../src/protocol/encodeBatch.ts';
import { BatchView } from '../../src/protocol/recordBatch.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import { batchOf, offsets, takeAll, viewOf } from '../table/scenario.ts';
import { batch, Bench, corrupt, end, head, partition } from './scenario.ts';

describe('a round', () => {
  it('asks for each partition once: what is asked for already is left out', () => {
    const bench = new Bench([0, 0]);
    const first = bench.round();
    expect([first.partitions, bench.mayRound()]).toEqual([2, undefined]);
    first.free();
    expect(bench.round().partitions).toBe(2);
  });

  it('does not free what another round asks for by now', () => {
    const bench = new Bench([0]);
    const old = bench.round();
    old.free();
    const young = bench.round();
    old.free();
    expect(bench.cursor(0).route.round).toBe(young);
    young.free();
    young.free();
    expect(bench.cursor(0).route.round).toBeUndefined();
  });

  it('that brought something may be followed by another at once, for all; one that brought nothing not before the shortest back-off', () => {
    const bench = new Bench([0, 0]);
    const round = bench.round();
    bench.clock.by(40);
    bench.row.failures = 3;
    bench.take(round, head, partition(0), batch(batchOf(0, 1)), partition(1), end);
    expect(bench.cursors.map(({ route }) => [route.notBefore, route.served])).toEqual([
      [0, 1],
      [0, 0],
    ]);
    expect(bench.row.failures).toBe(0);
    round.free();
    const empty = bench.round();
    bench.clock.by(40);
    bench.take(empty, head, partition(0), partition(1), end);
    expect(bench.cursors.map(({ route }) => [route.notBefore, route.served])).toEqual([
      [1_140, 1],
      [1_140, 0],
    ]);
  });

  it('that succeeded ends the back-off of its partitions', () => {
    const bench = new Bench([0]);
    const { route } = bench.cursor(0);
    route.failed(0);
    bench.take(bench.round(), head, partition(0), batch(batchOf(0, 1)), end);
    expect(route.failures).toBe(0);
  });

  it('leaves the back-off of a partition that failed in it', () => {
    const bench = new Bench([0]);
    bench.take(bench.round(), head, partition(0, { errorCode: 6 }), end);
    expect([bench.cursor(0).route.failures, bench.cursor(0).route.notBefore]).toEqual([1, 1_100]);
  });
});

describe('a round that ends in the middle of its answer', () => {
  it('keeps the records that came, and asks for those behind them', () => {
    const bench = new Bench([0, 0]);
    const round = bench.round();
    bench.take(round, head, partition(0), batch(batchOf(0, 3)), batch(batchOf(3, 2)));
    round.free();
    expect(bench.cursors.map(({ fetchOffset }) => fetchOffset)).toEqual([5, 0]);
    const asked = bench.round().request.topics.flatMap(({ partitions }) => partitions);
    expect(asked.map(({ partition: index, fetchOffset }) => [index, fetchOffset])).toEqual([
      [0, 5],
      [1, 0],
    ]);
    // What the broken one still had on its way means nothing any more.
    bench.take(round, batch(batchOf(5, 9)));
    expect(offsets(takeAll(bench.cursor(0)))).toEqual([0, 1, 2, 3, 4]);
  });

  it.each(['ended', 'broken'])('does not copy batches out of a frame that is still filling, only once it is %s', (how) => {
    const [busy, slow] = inOneFrame();
    const bench = new Bench([0, 0]);
    const round = bench.round();
    bench.take(round, head, partition(0), batch(busy), partition(1), batch(slow, 1));
    for (const record of takeAll(bench.cursor(0))) record.ack();
    const memory = (): ArrayBufferLike | undefined => bench.cursor(1).pass()?.memory;
    expect(memory()).toBe(slow.memory);
    if (how === 'ended') bench.take(round, end);
    round.free();
    expect(memory()).not.toBe(slow.memory);
    expect(offsets(takeAll(bench.cursor(1)))).toEqual([0]);
  });
});

/** Two batches at the beginning of a large answer. */
function inOneFrame(): readonly [BatchView, BatchView] {
  const bytes = encodeBatch([{ value: Buffer.from('v') }], { baseOffset: 0 });
  const frame = Buffer.concat([bytes, bytes, Buffer.alloc(100_000)]);
  return [new BatchView(frame.subarray(0, bytes.length)), new BatchView(frame.subarray(bytes.length, 2 * bytes.length))];
}

describe('an answer that is stale changes nothing, and says nothing', () => {
  const late = [partition(0, { errorCode: 29 }), partition(0, { errorCode: 6 }), partition(0), batch(batchOf(0, 3)), corrupt(0)];

  it.each<readonly [string, (cursor: Cursor, bench: Bench) => void]>([
    [
      'after a seek',
      (cursor) => {
        cursor.relocate({ kind: 'place', at: { offset: 0 } }, 'seek');
        cursor.locate(0);
      },
    ],
    ['while the position is looked up', (cursor) => cursor.relocate({ kind: 'place', at: 'latest' }, 'seek')],
    ['after the stream has ended', (cursor) => cursor.apply({ kind: 'complete', why: 'revoked' })],
    ['after the release', (cursor, { table }) => table.release(cursor)],
    ['after a failure', (cursor) => cursor.apply({ kind: 'fail', error: new Error('other') })],
    ['under another leader', (_, { table }) => table.reroute(viewOf([0, 1], { 't-0': [1, 6] }))],
    ['in another epoch of the same leader', (_, { table }) => table.reroute(viewOf([0, 1], { 't-0': [0, 6] }))],
    ['when another round asks for it by now', (cursor) => (cursor.route.round = {})],
  ])('%s', (_, change) => {
    const bench = new Bench([0]);
    const cursor = bench.cursor(0);
    const round = bench.round();
    change(cursor, bench);
    const { state, position, fetchOffset, end: before } = cursor;
    const route = Object.entries(cursor.route);
    for (const part of late) expect(bench.take(round, part)).toEqual([]);
    bench.take(round, end);
    expect([cursor.state, cursor.position, cursor.fetchOffset, cursor.end, cursor.held.bytes]).toEqual([
      state,
      position,
      fetchOffset,
      before,
      0,
    ]);
    expect(Object.entries(cursor.route)).toEqual(route);
    expect([bench.clock.toldOf('retryScheduled'), bench.invalidated]).toEqual([[], 0]);
  });

  it('from the very part on before which the user sought', () => {
    const bench = new Bench([0]);
    const cursor = bench.cursor(0);
    const round = bench.round();
    bench.take(round, head, partition(0), batch(batchOf(0, 2)));
    cursor.relocate({ kind: 'place', at: { offset: 20 } }, 'seek');
    cursor.locate(20);
    bench.take(round, batch(batchOf(2, 2)), batch(batchOf(20, 1)), end);
    expect([offsets(takeAll(cursor)), cursor.fetchOffset, cursor.positionEpoch]).toEqual([[], 20, 1]);
  });
});
