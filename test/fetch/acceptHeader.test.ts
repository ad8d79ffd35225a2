import { describe, expect, it } from 'vitest';
import { codeOf } from '../../src/errors/table.ts';
import type { FetchPartitionHeader } from '../../src/protocol/apis/fetch.ts';
import type { Round } from '../../src/fetch/round.ts';
import { begin } from '../../src/fetch/round.ts';
import { noSession } from '../../src/fetch/session.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import type { Row } from '../../src/table/row.ts';
import { batchOf, viewOf } from '../table/scenario.ts';
import { batch, Bench, byId, corrupt, end, head, partition } from './scenario.ts';

const error = (name: string, rest: Partial<FetchPartitionHeader> = {}): Partial<FetchPartitionHeader> => ({
  errorCode: codeOf(name),
  ...rest,
});
const errorIn = (cursor: Cursor): unknown => (cursor.state.kind === 'failed' ? cursor.state.error : undefined);
const LEASE = 300_000;

/** Read from broker 1, which follows. */
class NearBench extends Bench {
  readonly near: Row;

  constructor(positions: readonly number[] = [0]) {
    super(positions, { rackId: 'r1' });
    this.take(this.round(), head, ...positions.map((_, index) => byId(index, { preferredReadReplica: 1 })), end);
    const row = this.table.rows.get(1);
    if (row === undefined) throw new Error('no row');
    this.near = row;
  }

  nearRound(): Round {
    const round = begin(this.table, this.near, noSession, this.settings, this.clock.now);
    if (round === undefined) throw new Error('nothing to ask the follower for');
    return round;
  }
}

describe('a replica that is near', () => {
  it('is read from then on, until its lease is over; then the leader is asked, who may name another', () => {
    const bench = new NearBench();
    const { route } = bench.cursor(0);
    expect([route.leader, route.replica, route.source, bench.mayRound()]).toEqual([0, 1, 1, undefined]);
    const round = bench.nearRound();
    expect(round.request.topics[0]?.partitions).toMatchObject([{ partition: 0, currentLeaderEpoch: 5 }]);
    bench.take(round, head, byId(), batch(batchOf(0, 2)), end);
    round.free();
    expect(bench.cursor(0).fetchOffset).toBe(2);
    bench.clock.to(1_000 + LEASE);
    expect(begin(bench.table, bench.near, noSession, bench.settings, bench.clock.now)).toBeUndefined();
    expect([route.source, bench.round().request.rackId]).toEqual([0, 'r1']);
  });

  it('that is not known is asked for, and the leader read meanwhile, which is not asked to name one again', () => {
    const bench = new Bench([0], { rackId: 'r1' });
    const round = bench.round();
    bench.take(round, head, byId(0, { preferredReadReplica: 7 }), end);
    round.free();
    expect([bench.cursor(0).route.source, bench.invalidated, bench.round().request.rackId]).toEqual([0, 1, '']);
  });

  it.each([
    ['OFFSET_OUT_OF_RANGE', byId(0, error('OFFSET_OUT_OF_RANGE'))],
    ['a diverging epoch', byId(0, { divergingEpoch: { epoch: 1, endOffset: 0 } })],
    ['NOT_LEADER_OR_FOLLOWER', byId(0, error('NOT_LEADER_OR_FOLLOWER'))],
    ['FENCED_LEADER_EPOCH', byId(0, error('FENCED_LEADER_EPOCH'))],
    ['OFFSET_NOT_AVAILABLE', byId(0, error('OFFSET_NOT_AVAILABLE'))],
    ['TOPIC_AUTHORIZATION_FAILED', byId(0, error('TOPIC_AUTHORIZATION_FAILED'))],
    ['bytes that are none', corrupt(0)],
  ])('that answers with %s is left: the leader is asked at once, and for as long as the lease would have been', (_, answer) => {
    const bench = new NearBench([0, 0]);
    const { route } = bench.cursor(0);
    const round = bench.nearRound();
    bench.take(round, head, answer, byId(1), end);
    round.free();
    expect([bench.cursor(0).state.kind, bench.cursor(0).position, route.source, route.notBefore]).toEqual(['fetching', 0, 0, 0]);
    expect(bench.cursor(1).route.source).toBe(1);
    expect(bench.clock.toldOf('retryScheduled')).toMatchObject([{ api: 'Fetch', partition: 0, delay: 0 }]);
    const again = bench.round();
    expect([again.partitions, again.request.rackId]).toEqual([1, '']);
    again.free();
    bench.clock.to(bench.clock.now + LEASE);
    expect(bench.round().request.rackId).toBe('r1');
  });

  it('ends with a change of the leader, and when it leaves the cluster', () => {
    const bench = new NearBench();
    bench.table.reroute(viewOf([0, 1], { 't-0': [0, 6] }));
    expect(bench.cursor(0).route.source).toBe(0);
    const other = new NearBench();
    other.table.reroute(viewOf([0], { 't-0': [0, 5] }));
    expect([other.cursor(0).route.source, other.round().request.rackId]).toEqual([0, 'r1']);
  });
});

describe('what is said against a position', () => {
  it.each([
    ['that it is out of range', error('OFFSET_OUT_OF_RANGE')],
    ['that the log is another', { divergingEpoch: { epoch: 3, endOffset: 10 } }],
  ])('by name (%s) may be said of another topic of that name: metadata is asked first, once', (_, said) => {
    const bench = new Bench([50]);
    const cursor = bench.cursor(0);
    for (const at of [1_000, 1_100]) {
      const round = bench.round();
      bench.take(round, head, partition(0, said), end);
      round.free();
      expect([cursor.state.kind, cursor.position, cursor.route.notBefore > at, bench.invalidated > 0]).toEqual([
        'fetching',
        50,
        true,
        true,
      ]);
      bench.clock.to(1_000 + 100 * (at === 1_000 ? 1 : 3));
    }
    bench.view = { ...bench.view, askedAt: bench.clock.now };
    const round = bench.round();
    bench.take(round, head, partition(0, said), end);
    expect('errorCode' in said ? cursor.route.doubt : cursor.positionEpoch).toEqual('errorCode' in said ? { kind: 'range' } : 1);
  });

  it('by id is definite', () => {
    const bench = new Bench([50]);
    bench.take(bench.round(), head, byId(0, error('OFFSET_OUT_OF_RANGE')), end);
    expect([bench.cursor(0).route.doubt, bench.invalidated]).toEqual([{ kind: 'range' }, 0]);
  });

  it('by a leader of an epoch before that of our last record may be old: metadata is asked first', () => {
    const bench = new Bench([0]);
    bench.cursor(0).receive(batchOf(0, 2, { leaderEpoch: 6 }), true);
    bench.cursor(0).held.dropUndelivered();
    bench.cursor(0).locate(2, 6);
    bench.take(bench.round(), head, byId(0, error('OFFSET_OUT_OF_RANGE')), end);
    expect([bench.cursor(0).route.doubt, bench.invalidated, bench.cursor(0).route.failures]).toEqual([undefined, 1, 1]);
  });

  it('is forgotten by an answer that is none', () => {
    const bench = new Bench([50]);
    const first = bench.round();
    bench.take(first, head, partition(0, error('OFFSET_OUT_OF_RANGE')), end);
    first.free();
    bench.clock.by(100);
    bench.take(bench.round(), head, partition(0), batch(batchOf(50, 1)), end);
    expect(bench.cursor(0).route.suspectedAt).toBeUndefined();
  });

  it('with autoOffsetReset none errs its partition: where the log was truncated below what was delivered', () => {
    const bench = new Bench([50]);
    bench.autoOffsetReset = 'none';
    bench.take(bench.round(), head, byId(0, { divergingEpoch: { epoch: 3, endOffset: 42 } }), batch(batchOf(50, 1)), end);
    expect(errorIn(bench.cursor(0))).toMatchObject({
      code: 'LOG_TRUNCATED',
      offset: 50,
      broker: 'b0:9092',
      advice: expect.stringContaining('42') as string,
    });
    expect(bench.cursor(0).position).toBe(50);
  });
});

describe('who leads, by the word of who does not', () => {
  it.each(['NOT_LEADER_OR_FOLLOWER', 'FENCED_LEADER_EPOCH'])('is learnt with the end of the answer (%s)', (name) => {
    const bench = new Bench([0, 0]);
    const round = bench.round();
    bench.take(round, head, byId(0, error(name, { currentLeader: { leaderId: 1, leaderEpoch: 6 } })), byId(1));
    expect(bench.learnt).toEqual([]);
    bench.take(round, end);
    expect(bench.learnt).toEqual([{ topic: 't', partition: 0, leader: 1, leaderEpoch: 6 }]);
  });

  it('is learnt of nobody where none is named', () => {
    const bench = new Bench([0]);
    bench.take(bench.round(), head, byId(0, error('NOT_LEADER_OR_FOLLOWER')), end);
    expect([bench.learnt, bench.invalidated]).toEqual([[], 1]);
  });
});

describe('a broker whose Fetch does not compare epochs (before version 12)', () => {
  const old = { ...head, version: 11 };

  it('is believed where nothing is known of the record before, and not where its log was not found to be the one that was read', () => {
    const bench = new Bench([0, 0]);
    bench.cursor(1).locate(0);
    bench.cursor(1).lineage.begin(4, 0);
    const round = bench.round();
    bench.take(round, old, partition(0), batch(batchOf(0, 1)), partition(1), batch(batchOf(0, 1), 1), end);
    round.free();
    expect(bench.cursors.map(({ fetchOffset, route }) => [fetchOffset, route.doubt])).toEqual([[1, undefined], [0, { kind: 'unproven' }]]); // prettier-ignore
    // It is asked first: nothing is fetched of it until then.
    expect(bench.mayRound()?.asks.map(({ cursor }) => cursor.partition)).toEqual([0]);
  });

  it('is believed in the epoch in which that was found, and asked again in the next', () => {
    const bench = new Bench([0]);
    const cursor = bench.cursor(0);
    cursor.lineage.begin(4, 0);
    cursor.route.provenIn = 5;
    const round = bench.round();
    bench.take(round, old, partition(0), batch(batchOf(0, 1)), end);
    round.free();
    expect(cursor.fetchOffset).toBe(1);
    bench.table.reroute(viewOf([0, 1], { 't-0': [0, 6] }));
    bench.take(bench.round(), old, partition(0), batch(batchOf(1, 1)), end);
    expect([cursor.fetchOffset, cursor.route.doubt]).toEqual([1, { kind: 'unproven' }]);
  });
});
