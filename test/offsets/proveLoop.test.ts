import { describe, expect, it } from 'vitest';
import { ConnectionError, UnsupportedVersionError } from '../../src/errors/index.ts';
import { codeOf } from '../../src/errors/table.ts';
import type { AutoOffsetReset } from '../../src/model/startPosition.ts';
import { proveLoop } from '../../src/offsets/proveLoop.ts';
import type { OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse } from '../../src/protocol/apis/offsetForLeaderEpoch.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import type { Table } from '../../src/table/table.ts';
import { watch, type Watched } from '../support/watch.ts';
import { batchOf, Clock, ledByZero, tableOf, viewOf, working } from '../table/scenario.ts';
import { Wire } from './scenario.ts';

const lost = new ConnectionError('CONNECTION_LOST', 'gone');

/** Partitions 0, 1, … of broker 0, in leader epoch 5: read up to 4 in epoch 3, and to be proven. */
class Bench {
  readonly clock: Clock = new Clock().to(10_000);
  readonly wire: Wire = new Wire();
  readonly table: Table = tableOf().table;
  readonly loop: Watched<never>;

  constructor(partitions = 1, autoOffsetReset: AutoOffsetReset = 'earliest') {
    for (let partition = 0; partition < partitions; partition++) {
      working(this.table, 0, { partition }).receive(batchOf(0, 4, { leaderEpoch: 3 }), true);
    }
    ledByZero(this.table);
    for (const { route } of this.table.cursors.values()) route.doubt = { kind: 'unproven' };
    const row = this.table.rows.get(0);
    if (row === undefined) throw new Error('no row');
    const { context } = this.clock;
    this.loop = watch(proveLoop({ context, cluster: this.wire.cluster, table: this.table, autoOffsetReset }, row));
  }

  cursor(partition = 0): Cursor {
    const cursor = this.table.find('t', partition);
    if (cursor === undefined) throw new Error('no such partition');
    return cursor;
  }

  /** Of each partition asked for: epoch and end, or an error by name; absent: no answer for it. */
  answer(...ends: readonly (readonly [epoch: number, endOffset: number] | string | undefined)[]): void {
    const partitions = ends.flatMap((end, partition) => {
      if (end === undefined) return [];
      const [errorCode, [leaderEpoch, endOffset]] = typeof end === 'string' ? [codeOf(end), [-1, -1] as const] : [0, end];
      return [{ errorCode, partition, leaderEpoch, endOffset }];
    });
    const response: OffsetForLeaderEpochResponse = { throttleTimeMs: 0, topics: [{ topic: 't', partitions }] };
    this.wire.only.answer(response);
  }
}

describe('whether a log is the one that was read', () => {
  it('is asked of its leader for all partitions together, with the epoch of the last record', () => {
    const bench = new Bench(2);
    expect(bench.wire.only).toMatchObject({ to: 'broker 0', purpose: 'control', api: 'OffsetForLeaderEpoch', deadline: 30_000 });
    const asked = { currentLeaderEpoch: 5, leaderEpoch: 3 };
    expect(bench.wire.only.request as OffsetForLeaderEpochRequest).toEqual({
      replicaId: -1,
      topics: [{ topic: 't', partitions: [{ partition: 0, ...asked }, { partition: 1, ...asked }] }], // prettier-ignore
    });
  });

  it('is asked only where it has to be, and not while the position is looked up', () => {
    const bench = new Bench(2);
    bench.answer([3, 4], [3, 4]);
    bench.cursor(0).route.doubt = { kind: 'unproven' };
    bench.cursor(0).relocate({ kind: 'place', at: 'latest' }, 'seek');
    bench.clock.by(5_000);
    expect(bench.wire.open).toEqual([]);
  });

  it.each([
    ['ends there', [3, 4] as const],
    ['goes on', [3, 9] as const],
    ['is one that the leader can say nothing of', [-1, -1] as const],
  ])('is so where that epoch %s: it is fetched on', (_, end) => {
    const bench = new Bench();
    bench.answer(end);
    const { route, position, fetchOffset, positionEpoch } = bench.cursor();
    expect([route.doubt, route.provenIn, route.round, position, fetchOffset, positionEpoch]).toEqual([undefined, 5, undefined, 0, 4, 0]);
    expect(bench.clock.told).toEqual([]);
    bench.clock.by(5_000);
    expect(bench.wire.sent).toHaveLength(1);
  });

  it.each([
    ['ends before', [3, 2] as const],
    ['is not in it', [2, 0] as const],
  ])('is not so where that epoch %s: what was not delivered is dropped, and the position told', (_, end) => {
    const bench = new Bench();
    bench.answer(end);
    const { route, fetchOffset, held } = bench.cursor();
    expect([route.doubt, route.round, fetchOffset, held.bytes]).toEqual([undefined, undefined, 0, 0]);
    expect(bench.clock.toldOf('positioned')).toMatchObject([{ to: 0, reason: 'truncated' }]);
  });

  it('is not so, and what was delivered is gone: as autoOffsetReset says', () => {
    const bench = new Bench(1, 'none');
    const cursor = bench.cursor();
    for (let i = 0; i < 4; i++) cursor.delivery.take()?.ack();
    bench.answer([3, 2]);
    expect(cursor.state).toMatchObject({ kind: 'failed', error: { code: 'LOG_TRUNCATED' } });
  });

  it.each([
    ['a lost connection', (bench: Bench) => bench.wire.only.fail(lost), 1],
    ['a leader that is none', (bench: Bench) => bench.answer('NOT_LEADER_OR_FOLLOWER'), 1],
    ['a fenced epoch', (bench: Bench) => bench.answer('FENCED_LEADER_EPOCH'), 1],
    ['an error that passes', (bench: Bench) => bench.answer('OFFSET_NOT_AVAILABLE'), 0],
    ['no answer for the partition', (bench: Bench) => bench.answer(undefined), 0],
  ])('is asked again after the back-off, with %s, and nothing is fetched meanwhile', (_, fail, invalidated) => {
    const bench = new Bench();
    fail(bench);
    const { route } = bench.cursor();
    expect([route.doubt, bench.wire.open, bench.wire.invalidated, bench.loop.log]).toEqual([{ kind: 'unproven' }, [], invalidated, []]);
    expect(bench.clock.toldOf('retryScheduled')).toMatchObject([
      { api: 'OffsetForLeaderEpoch', topic: 't', partition: 0, attempt: 1, delay: 100 },
    ]);
    bench.clock.by(99);
    expect(bench.wire.open).toEqual([]);
    bench.clock.by(1);
    bench.answer([3, 4]);
    expect([route.doubt, route.provenIn]).toEqual([undefined, 5]);
  });

  it('a broker that does not have OffsetForLeaderEpoch cannot tell, and is no end of the consumer', () => {
    const bench = new Bench();
    bench.wire.only.fail(new UnsupportedVersionError('OffsetForLeaderEpoch', [2, 4], undefined));
    expect(bench.loop.error()).toBeUndefined();
    expect([bench.cursor().route.provenIn, bench.cursor().route.doubt, bench.cursor().route.round]).toEqual([5, undefined, undefined]);
  });

  it('fails its partition alone where asking again does not help', () => {
    const bench = new Bench(2);
    bench.answer('INVALID_REQUEST', [3, 4]);
    expect(bench.cursor(0).state).toMatchObject({ kind: 'failed', error: { code: 'INVALID_REQUEST' } });
    expect(bench.cursor(1).route.provenIn).toBe(5);
  });

  it.each<readonly [string, (bench: Bench) => unknown]>([
    ['a seek', (bench) => bench.cursor().relocate({ kind: 'place', at: 'latest' }, 'seek')],
    ['the release', (bench) => bench.table.release(bench.cursor())],
    ['the end of the stream', (bench) => bench.cursor().apply({ kind: 'complete', why: 'stopping' })],
    ['a change of the leader', ({ table }) => table.reroute(viewOf([0, 1], { 't-0': [1, 6] }))],
    ['a new epoch of the same leader', ({ table }) => table.reroute(viewOf([0, 1], { 't-0': [0, 6] }))],
  ])('is stale after %s', (_, change) => {
    const bench = new Bench();
    const cursor = bench.cursor();
    const [first] = bench.wire.open;
    change(bench);
    first?.answer({
      throttleTimeMs: 0,
      topics: [{ topic: 't', partitions: [{ errorCode: 0, partition: 0, leaderEpoch: 1, endOffset: 0 }] }],
    });
    expect([cursor.route.provenIn, bench.clock.toldOf('positioned')]).toEqual([-1, []]);
  });

  it('is not asked any more once the broker is gone, and nothing is left behind', () => {
    const bench = new Bench();
    bench.table.reroute(viewOf([1], {}));
    expect([bench.loop.log, bench.wire.open, bench.clock.idle]).toEqual([['|'], [], true]);
  });

  it('is no reason to go on where the answer is no error of Kafka', () => {
    const bench = new Bench();
    const defect = new TypeError('of our own');
    bench.wire.only.fail(defect);
    expect(bench.loop.error()).toBe(defect);
  });
});
