import { describe, expect, it } from 'vitest';
import { ConnectionError } from '../../src/errors/index.ts';
import { codeOf } from '../../src/errors/table.ts';
import { committedLoop } from '../../src/offsets/committedLoop.ts';
import type { OffsetFetchRequest } from '../../src/protocol/apis/offsetFetch.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import type { Target } from '../../src/table/cursorState.ts';
import type { Table } from '../../src/table/table.ts';
import { NO_ID } from '../support/noId.ts';
import { watch, type Watched } from '../support/watch.ts';
import { Clock, ledByZero, tableOf } from '../table/scenario.ts';
import { recalled, Wire } from './scenario.ts';

const lost = new ConnectionError('CONNECTION_LOST', 'gone');

class Bench {
  readonly clock: Clock = new Clock();
  readonly wire: Wire = new Wire();
  readonly table: Table = tableOf().table;
  readonly loop: Watched<never>;

  constructor(requireStable = true) {
    const { context } = this.clock;
    this.loop = watch(committedLoop({ context, coordinator: this.wire.coordinator, table: this.table, groupId: 'g', requireStable }));
  }

  assign(partitions: readonly number[], otherwise: Target = { kind: 'place', at: 'earliest' }, topic = 't'): readonly Cursor[] {
    const state = { kind: 'locating', target: { kind: 'committed', otherwise }, reason: 'committed' } as const;
    const cursors = partitions.map((partition) => this.table.assign({ topic, partition }, state));
    this.table.settled();
    return cursors;
  }

  one(otherwise: Target = { kind: 'place', at: 'earliest' }): Cursor {
    const [cursor] = this.assign([0], otherwise);
    if (cursor === undefined) throw new Error('no cursor');
    return cursor;
  }

  answer(offsets: Readonly<Record<string, number>>, errorCode = 0): void {
    this.wire.only.answer(recalled(this.wire.only, offsets, errorCode));
  }
}

describe('what the group has committed', () => {
  it('is asked of the coordinator for all partitions together, once', () => {
    const bench = new Bench();
    bench.assign([0, 2]);
    expect(bench.wire.only).toMatchObject({ to: 'coordinator', purpose: 'control', api: 'OffsetFetch', deadline: 30_000 });
    expect(bench.wire.only.request).toMatchObject({ groupId: 'g', requireStable: true, topics: [{ name: 't', partitionIndexes: [0, 2] }] });
    bench.clock.to(10_000);
    expect(bench.wire.sent).toHaveLength(1);
  });

  it('is where the stream goes on: that is no news to commit', () => {
    const bench = new Bench();
    const cursor = bench.one();
    bench.answer({ 't-0': 42 });
    expect([cursor.state.kind, cursor.position, cursor.committed, cursor.committedEpoch]).toEqual(['fetching', 42, 42, 0]);
    expect(cursor.commits.knownAt).toBe(bench.clock.now);
    expect([cursor.dirty, cursor.commitSoon]).toEqual([false, false]);
    expect(bench.clock.told).toEqual([{ kind: 'positioned', topic: 't', partition: 0, to: 42, reason: 'committed' }]);
  });

  it('of nothing is committed means the start position: an offset at once, another place by a look-up', () => {
    const bench = new Bench();
    const offset = bench.one({ kind: 'place', at: { offset: 5 } });
    bench.answer({});
    expect([offset.position, offset.committed, offset.commitSoon, offset.dirty]).toEqual([5, undefined, true, true]);
    const latest = bench.one({ kind: 'place', at: 'latest' });
    bench.answer({});
    expect(latest.state).toEqual({ kind: 'locating', target: { kind: 'place', at: 'latest' }, reason: 'start' });
    expect(latest.route.round).toBeUndefined();
    const asked = bench.one({ kind: 'asked' });
    bench.answer({});
    expect(asked.state).toEqual({ kind: 'locating', target: { kind: 'asked' }, reason: 'start' });
  });

  it('of nothing is committed, and no start position, is an error of that partition', () => {
    const bench = new Bench();
    const state = { kind: 'locating', target: { kind: 'committed', otherwise: { kind: 'nowhere' } }, reason: 'committed' } as const;
    const cursor = bench.table.assign({ topic: 't', partition: 0 }, state);
    bench.table.settled();
    bench.answer({});
    expect(cursor.state).toMatchObject({ kind: 'failed', error: { code: 'OFFSET_OUT_OF_RANGE', topic: 't', partition: 0 } });
  });

  it('counts whoever leads the partition by then', () => {
    const bench = new Bench();
    const cursor = bench.one();
    ledByZero(bench.table);
    bench.answer({ 't-0': 42 });
    bench.clock.to(5_000);
    expect([cursor.position, bench.wire.sent.length]).toEqual([42, 1]);
  });

  it('is stale after a seek, and after the release', () => {
    const bench = new Bench();
    const [sought, released] = bench.assign([0, 1]);
    sought?.relocate({ kind: 'place', at: { offset: 7 } }, 'seek');
    sought?.locate(7);
    const round = {};
    if (sought !== undefined) sought.route.round = round;
    if (released !== undefined) bench.table.release(released);
    bench.answer({ 't-0': 42, 't-1': 42 });
    expect([sought?.position, sought?.committed, sought?.route.round]).toEqual([7, undefined, round]);
    expect([released?.position, released?.state.kind]).toEqual([undefined, 'released']);
  });

  it('is asked anew for a seek to what is committed while an older question is under way', () => {
    const bench = new Bench();
    const cursor = bench.one();
    const [first] = bench.wire.open;
    cursor.relocate({ kind: 'committed', otherwise: { kind: 'nowhere' } }, 'seek');
    if (first !== undefined) first.answer(recalled(first, { 't-0': 1 }));
    expect(cursor.position).toBeUndefined();
    bench.answer({ 't-0': 2 });
    expect([cursor.position, cursor.committed, cursor.committedEpoch]).toEqual([2, 2, 1]);
  });
});

describe('a question about what is committed that fails', () => {
  it.each([
    ['a lost connection', (bench: Bench) => bench.wire.only.fail(lost), 0],
    ['a coordinator that loads', (bench: Bench) => bench.answer({}, codeOf('COORDINATOR_LOAD_IN_PROGRESS')), 0],
    ['another coordinator', (bench: Bench) => bench.answer({}, codeOf('NOT_COORDINATOR')), 1],
    ['a transaction that is about to commit', (bench: Bench) => bench.answer({ 't-0': -codeOf('UNSTABLE_OFFSET_COMMIT') }), 0],
    ['no answer for the partition', (bench: Bench) => bench.answer({ 't-0': NaN }), 0],
  ])('with %s is asked again after the back-off', (_, fail, forgotten) => {
    const bench = new Bench();
    const cursor = bench.one();
    fail(bench);
    expect([cursor.state.kind, bench.wire.open, bench.wire.forgotten, bench.loop.log]).toEqual(['locating', [], forgotten, []]);
    expect(bench.clock.toldOf('retryScheduled')).toMatchObject([{ api: 'OffsetFetch', topic: 't', partition: 0, attempt: 1, delay: 100 }]);
    bench.clock.to(99);
    expect(bench.wire.open).toEqual([]);
    bench.clock.to(100);
    fail(bench);
    bench.clock.to(299);
    expect(bench.wire.open).toEqual([]);
    bench.clock.to(300);
    bench.answer({ 't-0': 42 });
    expect([cursor.position, cursor.route.failures]).toEqual([42, 0]);
  });

  it('for one partition does not delay another', () => {
    const bench = new Bench();
    const [waiting, found, failed] = bench.assign([0, 1, 2]);
    bench.answer({ 't-0': -codeOf('UNSTABLE_OFFSET_COMMIT'), 't-1': 5, 't-2': -codeOf('TOPIC_AUTHORIZATION_FAILED') });
    expect([waiting?.state.kind, found?.position]).toEqual(['locating', 5]);
    expect(failed?.state).toMatchObject({ kind: 'failed', error: { code: 'TOPIC_AUTHORIZATION_FAILED' } });
    bench.clock.to(100);
    expect((bench.wire.only.request as OffsetFetchRequest).topics).toEqual([{ name: 't', topicId: NO_ID, partitionIndexes: [0] }]);
  });

  it('does not keep one that comes later waiting', () => {
    const bench = new Bench();
    bench.one();
    bench.wire.only.fail(lost);
    bench.assign([1]);
    expect((bench.wire.only.request as OffsetFetchRequest).topics).toEqual([{ name: 't', topicId: NO_ID, partitionIndexes: [1] }]);
  });

  it.each([
    ['GROUP_AUTHORIZATION_FAILED', 'AuthorizationError'],
    ['INVALID_GROUP_ID', 'BrokerError'],
  ])('with %s is the end of the consumer', (name, kind) => {
    const bench = new Bench();
    const cursor = bench.one();
    bench.answer({}, codeOf(name));
    expect(bench.loop.error()).toMatchObject({ name: kind, code: name });
    expect([cursor.route.round, bench.clock.idle]).toEqual([undefined, true]);
  });

  it('that is not waited for any more leaves nothing behind', () => {
    const bench = new Bench();
    bench.one();
    bench.loop.unsubscribe();
    expect([bench.wire.open, bench.clock.idle]).toEqual([[], true]);
  });
});
