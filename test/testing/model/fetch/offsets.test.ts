import { describe, expect, it } from 'vitest';
import { kafkaErrorOf } from '../../../../src/errors/table.ts';
import { listOffsetsApi, type ListOffsetsRequest } from '../../../../src/protocol/apis/listOffsets.ts';
import { offsetForLeaderEpochApi } from '../../../../src/protocol/apis/offsetForLeaderEpoch.ts';
import type { ClusterModel } from '../../../../src/testing/model/clusterModel.ts';
import { lead } from '../../../../src/testing/model/leadership.ts';
import { answered, clusterOf, end, partitionOf, send, write, type How } from './broker.ts';

type Options = How & Partial<Omit<ListOffsetsRequest, 'topics'>> & { readonly currentLeaderEpoch?: number };

/** `offset of timestamp in epoch`, or the error. */
function ask(cluster: ClusterModel, timestamp: number, options: Options = {}): string {
  const { currentLeaderEpoch = -1, replicaId = -1, isolationLevel = 0, ...how } = options;
  const topics = [{ name: 'orders', partitions: [{ partitionIndex: 0, currentLeaderEpoch, timestamp }] }];
  const response = answered(send(cluster, listOffsetsApi, { replicaId, isolationLevel, topics, timeoutMs: 0 }, how));
  const found = response.topics[0]?.partitions[0];
  if (found === undefined) throw new Error('no partition in the answer');
  if (found.errorCode !== 0) return kafkaErrorOf(found.errorCode).name;
  return `${String(found.offset)} of ${String(found.timestamp)} in ${String(found.leaderEpoch)}`;
}

/** Records 0-3 of times 10, 30, 20, 40 in epoch 0, and a record of an open transaction at 4. */
function orders(): ClusterModel {
  const cluster = clusterOf(2);
  cluster.createTopic('orders', 1, 2);
  const { log } = partitionOf(cluster, 'orders', 0);
  log.append([{ timestamp: 10 }, { timestamp: 30 }]);
  log.append([{ timestamp: 20 }, { timestamp: 40 }]);
  log.append([{ timestamp: 50 }], { isTransactional: true, producerId: 7, producerEpoch: 0 });
  return cluster;
}

describe('ListOffsets', () => {
  it('tells both ends, and the epochs there', () => {
    const cluster = orders();
    expect([ask(cluster, -2), ask(cluster, -1)]).toEqual(['0 of -1 in 0', '5 of -1 in 0']);
    lead(cluster, partitionOf(cluster, 'orders', 0), 2);
    expect([ask(cluster, -2, { node: 2 }), ask(cluster, -1, { node: 2 })]).toEqual(['0 of -1 in 0', '5 of -1 in 1']);
    partitionOf(cluster, 'orders', 0).log.deleteBefore(3);
    expect(ask(cluster, -2, { node: 2 })).toBe('3 of -1 in 0');
  });

  it('tells of a log that retention has emptied what it was', () => {
    const cluster = clusterOf(2);
    cluster.createTopic('orders', 1, 2);
    const partition = partitionOf(cluster, 'orders', 0);
    partition.log.append([{ timestamp: 10 }, { timestamp: 30 }]);
    partition.log.append([{ timestamp: 20 }]);
    partition.log.deleteBefore(2);
    partition.log.deleteBefore(3);
    expect([ask(cluster, -2), ask(cluster, -3), ask(cluster, 0)]).toEqual(['3 of -1 in 0', '1 of 30 in 0', '-1 of -1 in -1']);
    lead(cluster, partition, 2);
    expect(ask(cluster, -2, { node: 2 })).toBe('3 of -1 in 1');
    write(cluster, 'orders', 0, 1);
    expect(ask(cluster, -2, { node: 2 })).toBe('3 of -1 in 1');
  });

  it('tells both ends of a log that is empty', () => {
    const cluster = clusterOf();
    cluster.createTopic('orders', 1);
    expect([ask(cluster, -2), ask(cluster, -1), ask(cluster, 0)]).toEqual(['0 of -1 in 0', '0 of -1 in 0', '-1 of -1 in -1']);
  });

  it('knows no epochs before version 4', () => expect(ask(orders(), -1, { version: 3 })).toBe('5 of -1 in -1'));

  it('ends at the last stable offset for readers of committed records', () => {
    const cluster = orders();
    expect([ask(cluster, -1, { isolationLevel: 1 }), ask(cluster, 45, { isolationLevel: 1 }), ask(cluster, 45)]).toEqual([
      '4 of -1 in 0',
      '-1 of -1 in -1',
      '4 of 50 in 0',
    ]);
    end(cluster, 'orders', 0, 7, 'commit');
    expect(ask(cluster, -1, { isolationLevel: 1 })).toBe('6 of -1 in 0');
  });

  it('ends at the high watermark for consumers alone', () => {
    const cluster = orders();
    partitionOf(cluster, 'orders', 0).log.highWatermark = 2;
    expect([ask(cluster, -1), ask(cluster, 35), ask(cluster, -1, { replicaId: -2 })]).toEqual([
      '2 of -1 in 0',
      '-1 of -1 in -1',
      '5 of -1 in 0',
    ]);
  });

  it('finds the first record that is not older', () => {
    const cluster = orders();
    expect([0, 11, 31, 41, 51].map((timestamp) => ask(cluster, timestamp))).toEqual([
      '0 of 10 in 0',
      '1 of 30 in 0',
      '3 of 40 in 0',
      '4 of 50 in 0',
      '-1 of -1 in -1',
    ]);
  });

  it.each([
    [-3, 7, '4 of 50 in 0'],
    [-4, 8, '0 of -1 in 0'],
    [-5, 9, '-1 of -1 in -1'],
  ])('knows the timestamp %i from version %i on', (timestamp, version, found) => {
    const cluster = orders();
    expect([ask(cluster, timestamp, { version: version - 1 }), ask(cluster, timestamp, { version })]).toEqual([
      'UNSUPPORTED_VERSION',
      found,
    ]);
  });

  it('knows no other negative timestamp', () => expect(ask(orders(), -6)).toBe('UNSUPPORTED_VERSION'));

  it('is answered by the leader alone, in its epoch', () => {
    const cluster = orders();
    lead(cluster, partitionOf(cluster, 'orders', 0), 2);
    expect([
      ask(cluster, -1),
      ask(cluster, -1, { replicaId: -2 }),
      ask(cluster, -1, { node: 2, currentLeaderEpoch: 0 }),
      ask(cluster, -1, { node: 2, currentLeaderEpoch: 2 }),
      ask(cluster, -1, { node: 2, currentLeaderEpoch: 1 }),
    ]).toEqual(['NOT_LEADER_OR_FOLLOWER', '5 of -1 in 1', 'FENCED_LEADER_EPOCH', 'UNKNOWN_LEADER_EPOCH', '5 of -1 in 1']);
  });

  it('waits for a new leader to learn the high watermark', () => {
    const cluster = orders();
    const partition = partitionOf(cluster, 'orders', 0);
    partition.log.highWatermark = 2;
    lead(cluster, partition, 2);
    expect(ask(cluster, -1, { node: 2, replicaId: -2 })).toBe('5 of -1 in 1');
    expect([
      ask(cluster, -1, { node: 2 }),
      ask(cluster, -1, { node: 2, version: 4 }),
      ask(cluster, 35, { node: 2 }),
      ask(cluster, 5, { node: 2 }),
      ask(cluster, -2, { node: 2 }),
    ]).toEqual(['OFFSET_NOT_AVAILABLE', 'LEADER_NOT_AVAILABLE', 'OFFSET_NOT_AVAILABLE', '0 of 10 in 0', '0 of -1 in 0']);
  });

  it('refuses what there is not, and what is asked for twice', () => {
    const cluster = orders();
    const asked = (partitionIndex: number): { partitionIndex: number; currentLeaderEpoch: number; timestamp: number } => ({
      partitionIndex,
      currentLeaderEpoch: -1,
      timestamp: -1,
    });
    const topics = [
      { name: 'orders', partitions: [asked(0), asked(0), asked(9)] },
      { name: 'nothing', partitions: [asked(0)] },
      { name: 'orders', partitions: [asked(8)] },
    ];
    const response = answered(send(cluster, listOffsetsApi, { replicaId: -1, isolationLevel: 0, topics, timeoutMs: 0 }));
    expect(response.topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => kafkaErrorOf(errorCode).name))).toEqual([
      'INVALID_REQUEST',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'UNKNOWN_TOPIC_OR_PARTITION',
    ]);
  });

  it('is refused by a script, here or everywhere', () => {
    const cluster = orders();
    expect(
      ask(cluster, -1, { refusal: (topic, partition) => (topic === 'orders' && partition === 0 ? 'LEADER_NOT_AVAILABLE' : undefined) }),
    ).toBe('LEADER_NOT_AVAILABLE');
    expect(ask(cluster, -1, { refusal: (topic) => (topic === undefined ? 'UNKNOWN_SERVER_ERROR' : undefined) })).toBe(
      'UNKNOWN_SERVER_ERROR',
    );
  });
});

describe('OffsetForLeaderEpoch', () => {
  function endOf(cluster: ClusterModel, leaderEpoch: number, { currentLeaderEpoch = -1, ...how }: Options = {}): string {
    const topics = [{ topic: 'orders', partitions: [{ partition: 0, currentLeaderEpoch, leaderEpoch }] }];
    const found = answered(send(cluster, offsetForLeaderEpochApi, { replicaId: -1, topics }, how)).topics[0]?.partitions[0];
    if (found === undefined) throw new Error('no partition in the answer');
    return found.errorCode === 0 ? `${String(found.leaderEpoch)} ends at ${String(found.endOffset)}` : kafkaErrorOf(found.errorCode).name;
  }

  it('tells where an epoch ended, also one in which nothing was written', () => {
    const cluster = orders();
    const partition = partitionOf(cluster, 'orders', 0);
    expect(endOf(cluster, 0)).toBe('0 ends at 5');
    lead(cluster, partition, 2);
    lead(cluster, partition, 1);
    expect([0, 1, 2, 3].map((epoch) => endOf(cluster, epoch))).toEqual(['0 ends at 5', '0 ends at 5', '2 ends at 5', '-1 ends at -1']);
    write(cluster, 'orders', 0, 2);
    expect([0, 2].map((epoch) => endOf(cluster, epoch))).toEqual(['0 ends at 5', '2 ends at 7']);
  });

  it('is answered by the leader alone, in its epoch', () => {
    const cluster = orders();
    expect([
      endOf(cluster, 0, { node: 2 }),
      endOf(cluster, 0, { currentLeaderEpoch: 1 }),
      endOf(cluster, 0, { currentLeaderEpoch: 0 }),
    ]).toEqual(['NOT_LEADER_OR_FOLLOWER', 'UNKNOWN_LEADER_EPOCH', '0 ends at 5']);
    expect(endOf(clusterOf(), 0)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });
});
