import { describe, expect, test } from 'vitest';
import { createPartitionsApi, type CreatePartitionsTopic } from '../../../../src/protocol/apis/createPartitions.ts';
import { createTopicsApi, type CreatableTopic } from '../../../../src/protocol/apis/createTopics.ts';
import { deleteTopicsApi } from '../../../../src/protocol/apis/deleteTopics.ts';
import type { ClusterModel } from '../../../../src/testing/model/clusterModel.ts';
import { brokerDown } from '../../../../src/testing/model/leadership.ts';
import { ask, nameOf, newCluster, type Asking } from './asking.ts';

const NO_ID = '0'.repeat(32);

function topic(name: string, more: Partial<CreatableTopic> = {}): CreatableTopic {
  return { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [], ...more };
}

const byHand = (...replicas: readonly (readonly number[])[]): Partial<CreatableTopic> => ({
  numPartitions: -1,
  replicationFactor: -1,
  assignments: replicas.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })),
});

/** `orders NONE` */
function create(
  cluster: ClusterModel,
  topics: readonly CreatableTopic[],
  asking: Asking & { validateOnly?: boolean } = {},
): readonly string[] {
  const request = { topics, timeoutMs: 1_000, validateOnly: asking.validateOnly ?? false };
  return ask(cluster, createTopicsApi, request, asking).topics.map(({ name, errorCode }) => `${name} ${nameOf(errorCode)}`);
}

describe('CreateTopics', () => {
  test('creates them, each with an id of its own', () => {
    const cluster = newCluster(2);
    const before = cluster.revision;
    expect(create(cluster, [topic('a', { numPartitions: 3, replicationFactor: 2 }), topic('b')])).toEqual(['a NONE', 'b NONE']);
    expect(cluster.topics.get('a')?.partitions.map(({ leader, replicas }) => [leader, replicas.length])).toEqual([
      [1, 2],
      [2, 2],
      [1, 2],
    ]);
    expect(cluster.topics.get('a')?.id).not.toBe(cluster.topics.get('b')?.id);
    expect(cluster.revision).toBeGreaterThan(before);
  });

  test.each([2, 3, 4, 5, 6, 7])('answers in version %i', (version) => {
    const cluster = newCluster();
    const { topics } = ask(
      cluster,
      createTopicsApi,
      { topics: [topic('a', { numPartitions: -1 })], timeoutMs: 0, validateOnly: false },
      { version },
    );
    expect(topics[0]).toMatchObject({
      errorCode: 0,
      numPartitions: version >= 5 ? 1 : -1,
      topicId: version >= 7 ? cluster.topics.get('a')?.id : NO_ID,
    });
  });

  test('only looks where it is told to', () => {
    const cluster = newCluster();
    expect(create(cluster, [topic('a'), topic('a b')], { validateOnly: true })).toEqual(['a NONE', 'a b INVALID_TOPIC_EXCEPTION']);
    expect(cluster.topics.size).toBe(0);
  });

  test.each<[string, CreatableTopic, string]>([
    ['there is', topic('orders'), 'TOPIC_ALREADY_EXISTS'],
    ['has a bad name', topic('a b'), 'INVALID_TOPIC_EXCEPTION'],
    ['looks like another one', topic('a_b'), 'INVALID_TOPIC_EXCEPTION'],
    ['is itself, however it looks', topic('a.b'), 'TOPIC_ALREADY_EXISTS'],
    ['has no partitions', topic('t', { numPartitions: 0 }), 'INVALID_PARTITIONS'],
    ['has -2 partitions', topic('t', { numPartitions: -2 }), 'INVALID_PARTITIONS'],
    ['has as many as there are by default', topic('t', { numPartitions: -1, replicationFactor: -1 }), 'NONE'],
    ['has no replicas', topic('t', { replicationFactor: 0, numPartitions: 0 }), 'INVALID_REPLICATION_FACTOR'],
    ['has more replicas than brokers', topic('t', { replicationFactor: 3 }), 'INVALID_REPLICATION_FACTOR'],
    ['has its replicas by hand', topic('t', byHand([2, 1], [1, 2])), 'NONE'],
    ['has its replicas by hand and a factor', topic('t', { ...byHand([1]), replicationFactor: 1 }), 'INVALID_REQUEST'],
    ['has its replicas by hand and a number', topic('t', { ...byHand([1]), numPartitions: 1 }), 'INVALID_REQUEST'],
    ['has no replica by hand', topic('t', byHand([])), 'INVALID_REPLICA_ASSIGNMENT'],
    ['has an unknown broker', topic('t', byHand([9])), 'INVALID_REPLICA_ASSIGNMENT'],
    ['has a broker twice', topic('t', byHand([1, 1])), 'INVALID_REPLICA_ASSIGNMENT'],
    ['has now one replica, now two', topic('t', byHand([1], [1, 2])), 'INVALID_REPLICA_ASSIGNMENT'],
    ['has a gap', topic('t', { ...byHand([1]), assignments: [{ partitionIndex: 1, brokerIds: [1] }] }), 'INVALID_REPLICA_ASSIGNMENT'],
    [
      'has a partition twice',
      topic('t', { ...byHand([1]), assignments: [0, 0].map((partitionIndex) => ({ partitionIndex, brokerIds: [1] })) }),
      'INVALID_REPLICA_ASSIGNMENT',
    ],
  ])('one that %s', (_, wanted, error) => {
    const cluster = newCluster(2);
    create(cluster, [topic('orders'), topic('a.b')]);
    expect(create(cluster, [wanted])).toEqual([`${wanted.name} ${error}`]);
    expect(cluster.topics.has('t')).toBe(error === 'NONE' && wanted.name === 't');
  });

  test('by hand: on these brokers; the first that is up leads, and one has to be', () => {
    const cluster = newCluster(3);
    brokerDown(cluster, 2);
    expect(create(cluster, [topic('t', byHand([2, 1], [3, 2])), topic('u', byHand([2]))])).toEqual([
      't NONE',
      'u INVALID_REPLICA_ASSIGNMENT',
    ]);
    expect(cluster.topics.get('t')?.partitions.map(({ leader, replicas }) => [leader, replicas])).toEqual([
      [1, [2, 1]],
      [3, [3, 2]],
    ]);
  });

  test('one twice is refused, the others are created', () => {
    const cluster = newCluster();
    expect(create(cluster, [topic('a'), topic('b'), topic('a')])).toEqual(['b NONE', 'a INVALID_REQUEST']);
    expect([...cluster.topics.keys()]).toEqual(['b']);
  });

  test('while all brokers are down there is nowhere to put it; one that is down counts', () => {
    const cluster = newCluster(2);
    brokerDown(cluster, 2);
    expect(create(cluster, [topic('a', { replicationFactor: 2 })])).toEqual(['a NONE']);
    brokerDown(cluster, 1);
    expect(create(cluster, [topic('b')])).toEqual(['b INVALID_REPLICATION_FACTOR']);
  });

  test('is refused as the script says', () => {
    const cluster = newCluster();
    const refusal = (name?: string): string | undefined => (name === 'a' ? 'TOPIC_AUTHORIZATION_FAILED' : undefined);
    expect(create(cluster, [topic('a'), topic('b')], { refusal })).toEqual(['a TOPIC_AUTHORIZATION_FAILED', 'b NONE']);
    expect(create(cluster, [topic('c')], { refusal: () => 'NOT_CONTROLLER' })).toEqual(['c NOT_CONTROLLER']);
    expect([...cluster.topics.keys()]).toEqual(['b']);
  });
});

type ByName = string | { id: string } | { both: string };

function remove(cluster: ClusterModel, asked: readonly (ByName | null)[], asking: Asking = {}): readonly string[] {
  const topics = asked.map((one) => {
    if (one === null) return { name: null, topicId: NO_ID };
    if (typeof one === 'string') return { name: one, topicId: NO_ID };
    return 'id' in one ? { name: null, topicId: one.id } : { name: one.both, topicId: 'f'.repeat(32) };
  });
  const request = { topics, topicNames: topics.map(({ name }) => name ?? ''), timeoutMs: 1_000 };
  return ask(cluster, deleteTopicsApi, request, asking).responses.map(({ name, errorCode }) => `${name ?? 'null'} ${nameOf(errorCode)}`);
}

describe('DeleteTopics', () => {
  test.each([1, 2, 3, 4, 5, 6])('by name in version %i', (version) => {
    const cluster = newCluster();
    cluster.createTopic('a', 1);
    cluster.createTopic('b', 1);
    expect(remove(cluster, ['a', 'x'], { version })).toEqual(['a NONE', 'x UNKNOWN_TOPIC_OR_PARTITION']);
    expect([...cluster.topics.keys()]).toEqual(['b']);
  });

  test('by id', () => {
    const cluster = newCluster();
    const { id } = cluster.createTopic('a', 1);
    expect(remove(cluster, [{ id: 'f'.repeat(32) }, { id }])).toEqual(['null UNKNOWN_TOPIC_ID', 'a NONE']);
    expect(cluster.topics.size).toBe(0);
  });

  test.each<[string, readonly (ByName | null)[], readonly string[]]>([
    ['neither name nor id', [null], ['null INVALID_REQUEST']],
    ['name and id', [{ both: 'a' }], ['a INVALID_REQUEST']],
    ['a name twice', ['a', 'a'], ['a INVALID_REQUEST']],
    ['an id twice', [{ id: 'e'.repeat(32) }, { id: 'e'.repeat(32) }], ['null INVALID_REQUEST']],
  ])('%s', (_, asked, answers) => {
    const cluster = newCluster();
    cluster.createTopic('a', 1);
    expect(remove(cluster, asked)).toEqual(answers);
    expect(cluster.topics.size).toBe(1);
  });

  test('is refused as the script says', () => {
    const cluster = newCluster();
    const { id } = cluster.createTopic('a', 1);
    const refusal = (name?: string): string | undefined => (name === 'a' ? 'TOPIC_AUTHORIZATION_FAILED' : undefined);
    expect(remove(cluster, ['a', { id }], { refusal })).toEqual(['a TOPIC_AUTHORIZATION_FAILED', 'null TOPIC_AUTHORIZATION_FAILED']);
    expect(remove(cluster, ['a'], { refusal: () => 'NOT_CONTROLLER' })).toEqual(['a NOT_CONTROLLER']);
    expect(cluster.topics.size).toBe(1);
  });
});

function grow(
  cluster: ClusterModel,
  topics: readonly CreatePartitionsTopic[],
  asking: Asking & { validateOnly?: boolean } = {},
): readonly string[] {
  const request = { topics, timeoutMs: 1_000, validateOnly: asking.validateOnly ?? false };
  return ask(cluster, createPartitionsApi, request, asking).results.map(({ name, errorCode }) => `${name} ${nameOf(errorCode)}`);
}

describe('CreatePartitions', () => {
  const ofTwo = (): ClusterModel => {
    const cluster = newCluster(2);
    cluster.createTopic('a', 2);
    return cluster;
  };

  test.each([0, 1, 2, 3])('adds them, in version %i', (version) => {
    const cluster = ofTwo();
    const before = cluster.revision;
    expect(grow(cluster, [{ name: 'a', count: 4, assignments: null }], { version })).toEqual(['a NONE']);
    expect(cluster.topics.get('a')?.partitions.map(({ index, leader }) => [index, leader])).toEqual([
      [0, 1],
      [1, 2],
      [2, 1],
      [3, 2],
    ]);
    expect(cluster.revision).toBeGreaterThan(before);
  });

  test.each<[string, Partial<CreatePartitionsTopic>, string]>([
    ['as many as there are', { count: 2 }, 'INVALID_PARTITIONS'],
    ['fewer', { count: 1 }, 'INVALID_PARTITIONS'],
    ['of a topic that there is not', { name: 'x' }, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['by hand', { assignments: [{ brokerIds: [2] }] }, 'NONE'],
    ['by hand, too many', { assignments: [{ brokerIds: [2] }, { brokerIds: [2] }] }, 'INVALID_REPLICA_ASSIGNMENT'],
    ['by hand, on no broker', { assignments: [{ brokerIds: [] }] }, 'INVALID_REPLICA_ASSIGNMENT'],
    ['by hand, on an unknown broker', { assignments: [{ brokerIds: [9] }] }, 'INVALID_REPLICA_ASSIGNMENT'],
    ['by hand, with more replicas', { assignments: [{ brokerIds: [1, 2] }] }, 'INVALID_REPLICA_ASSIGNMENT'],
  ])('%s', (_, given, error) => {
    const cluster = ofTwo();
    const name = given.name ?? 'a';
    expect(grow(cluster, [{ name, count: 3, assignments: null, ...given }])).toEqual([`${name} ${error}`]);
    expect(cluster.topics.get('a')?.partitions.map(({ leader }) => leader)).toEqual(error === 'NONE' ? [1, 2, 2] : [1, 2]);
  });

  test('only looks where it is told to; one twice is refused; the script refuses', () => {
    const cluster = ofTwo();
    const more = { name: 'a', count: 3, assignments: null };
    expect(grow(cluster, [more], { validateOnly: true })).toEqual(['a NONE']);
    expect(grow(cluster, [more, more])).toEqual(['a INVALID_REQUEST']);
    expect(grow(cluster, [more], { refusal: () => 'NOT_CONTROLLER' })).toEqual(['a NOT_CONTROLLER']);
    expect(grow(cluster, [more], { refusal: (name) => (name === 'a' ? 'TOPIC_AUTHORIZATION_FAILED' : undefined) })).toEqual([
      'a TOPIC_AUTHORIZATION_FAILED',
    ]);
    expect(cluster.topics.get('a')?.partitions).toHaveLength(2);
  });
});
