import { describe, expect, it } from 'vitest';
import { brokerDown, lead } from '../../../../src/testing/model/leadership.ts';
import { answered, at, clusterOf, fetch, only, partitionOf, told, write } from './broker.ts';

/** `orders` with three partitions, whose first has the batches 0-1, 2-3 and 4-5. */
function orders(brokers = 1, replicationFactor = 1): ReturnType<typeof clusterOf> {
  const cluster = clusterOf(brokers);
  cluster.createTopic('orders', 3, replicationFactor);
  for (let i = 0; i < 3; i++) write(cluster, 'orders', 0, 2);
  return cluster;
}

describe('leaders and followers', () => {
  it('refuse an epoch that is past or to come', () => {
    const cluster = orders(2, 2);
    lead(cluster, partitionOf(cluster, 'orders', 0), 2);
    const says = (node: number, currentLeaderEpoch: number): readonly string[] =>
      told(answered(fetch(cluster, [at('orders/0@6', { currentLeaderEpoch })], { node })));
    expect([says(2, 0), says(2, 1), says(2, 2), says(1, 0), says(1, 1)]).toEqual([
      ['orders/0 FENCED_LEADER_EPOCH'],
      ['orders/0 nothing hw 6'],
      ['orders/0 UNKNOWN_LEADER_EPOCH'],
      ['orders/0 FENCED_LEADER_EPOCH'],
      ['orders/0 nothing hw 6'],
    ]);
  });

  it('serve what they have from version 11 on, if they follow', () => {
    const cluster = orders(2, 2);
    partitionOf(cluster, 'orders', 0).lagging.set(2, 4);
    const from = (node: number, version: number, offset = 2): readonly string[] =>
      told(answered(fetch(cluster, [at(`orders/0@${String(offset)}`)], { node, version })));
    expect([from(2, 11), from(2, 10), from(2, 11, 5)]).toEqual([
      ['orders/0 2 3 hw 4'],
      ['orders/0 NOT_LEADER_OR_FOLLOWER'],
      ['orders/0 OFFSET_OUT_OF_RANGE'],
    ]);
  });

  it('have nothing where retention has passed what they have', () => {
    const cluster = orders(2, 2);
    const { lagging, log } = partitionOf(cluster, 'orders', 0);
    lagging.set(2, 1);
    log.deleteBefore(4);
    expect(told(answered(fetch(cluster, [at('orders/0@4')], { node: 2 })))).toEqual(['orders/0 nothing hw 4']);
  });

  it('refuse what they have no replica of', () => {
    expect(told(answered(fetch(orders(2), [at('orders/0@0')], { node: 2 })))).toEqual(['orders/0 NOT_LEADER_OR_FOLLOWER']);
  });

  it('tell where the leader is from version 16 on', () => {
    const cluster = orders(2, 2);
    lead(cluster, partitionOf(cluster, 'orders', 0), 2);
    const id = cluster.topics.get('orders')?.id ?? '';
    const response = answered(fetch(cluster, [at('orders/0@0', { id, currentLeaderEpoch: 0 })], { version: 16 }));
    expect([only(response).currentLeader, response.nodeEndpoints]).toEqual([
      { leaderId: 2, leaderEpoch: 1 },
      [{ nodeId: 2, host: 'b2', port: 9092, rack: null }],
    ]);
    expect(only(answered(fetch(cluster, [at('orders/0@0', { currentLeaderEpoch: 0 })]))).currentLeader.leaderId).toBe(-1);
    expect(only(answered(fetch(cluster, [at('orders/0@9', { id })], { version: 16 }))).currentLeader.leaderId).toBe(-1);
    lead(cluster, partitionOf(cluster, 'orders', 0), -1);
    const nobody = answered(fetch(cluster, [at('orders/0@0', { id, currentLeaderEpoch: 0 })], { version: 16 }));
    expect([only(nobody).currentLeader, nobody.nodeEndpoints]).toEqual([{ leaderId: -1, leaderEpoch: 2 }, []]);
  });
});

describe('racks', () => {
  function racks(rackAware: boolean): ReturnType<typeof clusterOf> {
    const cluster = clusterOf(['r1', 'r2', 'r2'], { rackAware });
    cluster.createTopic('orders', 1, 3);
    write(cluster, 'orders', 0, 2);
    return cluster;
  }
  const preferred = (cluster: ReturnType<typeof clusterOf>, rackId: string, of: Parameters<typeof fetch>[2] = {}): readonly number[] => {
    const data = only(answered(fetch(cluster, [at('orders/0@0')], { rackId, maxWaitMs: 500, ...of })));
    return [data.preferredReadReplica, data.records?.length ?? -1];
  };

  it('send a consumer to a follower that is in its rack and in sync, without records', () => {
    const cluster = racks(true);
    expect(preferred(cluster, 'r2')).toEqual([2, 0]);
    expect(only(answered(fetch(cluster, [at('orders/0@2')], { rackId: 'r2', maxWaitMs: 500 }))).preferredReadReplica).toBe(2);
    expect(preferred(cluster, 'r2', { version: 10 })[0]).toBe(-1);
    partitionOf(cluster, 'orders', 0).lagging.set(2, 1);
    expect(preferred(cluster, 'r2')).toEqual([3, 0]);
    expect(preferred(cluster, 'r2', { node: 3 })[0]).toBe(-1);
  });

  it('do not send it to a follower that is down or does not have the offset', () => {
    const cluster = racks(true);
    expect(told(answered(fetch(cluster, [at('orders/0@9')], { rackId: 'r2' })))).toEqual(['orders/0 OFFSET_OUT_OF_RANGE']);
    for (const node of [2, 3]) brokerDown(cluster, node);
    expect(preferred(cluster, 'r2')[0]).toBe(-1);
  });

  it('keep it at the leader otherwise', () => {
    expect(
      [preferred(racks(true), 'r1'), preferred(racks(true), ''), preferred(racks(true), 'r3'), preferred(racks(false), 'r2')].map(
        ([to]) => to,
      ),
    ).toEqual([-1, -1, -1, -1]);
    expect(preferred(racks(true), 'r2', { version: 10 })[0]).toBe(-1);
  });
});

describe('truncation', () => {
  function truncated(): ReturnType<typeof clusterOf> {
    const cluster = orders();
    const partition = partitionOf(cluster, 'orders', 0);
    partition.log.truncateTo(3);
    partition.leaderEpoch++;
    write(cluster, 'orders', 0, 4);
    return cluster;
  }

  it('is told from version 12 on to who says the epoch it has read, without records and at once', () => {
    const data = only(answered(fetch(truncated(), [at('orders/0@6', { lastFetchedEpoch: 0 })], { maxWaitMs: 500 })));
    expect([data.errorCode, data.records?.length, data.divergingEpoch, data.highWatermark]).toEqual([0, 0, { epoch: 0, endOffset: 3 }, 7]);
  });

  it('is lost on version 11', () => {
    expect(told(answered(fetch(truncated(), [at('orders/0@6', { lastFetchedEpoch: 0 })], { version: 11 })))).toEqual([
      'orders/0 3 4 5 6 hw 7',
    ]);
  });

  it('is out of range where the epoch is none of this log', () => {
    expect(told(answered(fetch(truncated(), [at('orders/0@3', { lastFetchedEpoch: 9 })])))).toEqual(['orders/0 OFFSET_OUT_OF_RANGE']);
  });

  it('is none where the epoch fits', () => {
    expect(told(answered(fetch(truncated(), [at('orders/0@3', { lastFetchedEpoch: 0 })])))).toEqual(['orders/0 3 4 5 6 hw 7']);
  });

  it('wakes a long poll', () => {
    const cluster = orders();
    const reply = fetch(cluster, [at('orders/0@6', { lastFetchedEpoch: 0 })], { maxWaitMs: 500 });
    const partition = partitionOf(cluster, 'orders', 0);
    partition.log.truncateTo(5);
    partition.leaderEpoch++;
    expect(reply.kind === 'later' ? only(reply.ready(1) ?? failure()).divergingEpoch : reply.kind).toEqual({ epoch: 0, endOffset: 5 });
    write(cluster, 'orders', 0, 4);
    const patient = fetch(cluster, [at('orders/0@9', { lastFetchedEpoch: 1 })], { maxWaitMs: 500, minBytes: 10_000 });
    partition.log.truncateTo(7);
    partition.leaderEpoch++;
    write(cluster, 'orders', 0, 4);
    expect(patient.kind === 'later' ? only(patient.ready(1) ?? failure()).divergingEpoch : patient.kind).toEqual({
      epoch: 1,
      endOffset: 7,
    });
  });
});

function failure(): never {
  throw new Error('not answered');
}
