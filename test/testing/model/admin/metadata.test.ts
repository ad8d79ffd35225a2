import { describe, expect, test } from 'vitest';
import { metadataApi, type MetadataRequest, type MetadataResponse } from '../../../../src/protocol/apis/metadata.ts';
import { viewOf } from '../../../../src/testing/model/admin/view.ts';
import type { ClusterModel } from '../../../../src/testing/model/clusterModel.ts';
import { brokerDown } from '../../../../src/testing/model/leadership.ts';
import { ask, nameOf, newCluster, type Asking } from './asking.ts';

const NO_ID = '0'.repeat(32);

function told(
  cluster: ClusterModel,
  topics: readonly (string | { id: string })[] | null,
  asking: Asking & Partial<MetadataRequest> = {},
): MetadataResponse {
  const asked =
    topics?.map((topic) => (typeof topic === 'string' ? { name: topic, topicId: NO_ID } : { name: null, topicId: topic.id })) ?? null;
  const flags = { allowAutoTopicCreation: true, includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false };
  return ask(cluster, metadataApi, { ...flags, topics: asked, ...asking }, asking);
}

/** `orders NONE: 0 led by 1 in 0` */
function words({ topics }: MetadataResponse): readonly string[] {
  return topics.map(({ name, errorCode, partitions }) => {
    const parts = partitions.map(
      (one) =>
        `${one.partitionIndex} ${one.errorCode === 0 ? '' : `${nameOf(one.errorCode)} `}led by ${one.leaderId} in ${one.leaderEpoch}`,
    );
    return [`${name ?? 'null'} ${nameOf(errorCode)}`, ...parts].join(', ');
  });
}

function cluster(brokers: number | readonly string[] = 1): ClusterModel {
  const made = newCluster(brokers);
  made.createTopic('orders', 2);
  made.createTopic('bills', 1);
  return made;
}

describe('Metadata', () => {
  test('tells all topics for null, in version 0 for none; otherwise none for none', () => {
    expect(words(told(cluster(), null))).toEqual(['orders NONE, 0 led by 1 in 0, 1 led by 1 in 0', 'bills NONE, 0 led by 1 in 0']);
    expect(told(cluster(), [], { version: 0 }).topics).toHaveLength(2);
    expect(told(cluster(), [], { version: 1 }).topics).toEqual([]);
  });

  test('tells topics by name: those that there are first, each once', () => {
    expect(words(told(cluster(), ['nothing', 'bills', 'bills']))).toEqual([
      'bills NONE, 0 led by 1 in 0',
      'nothing UNKNOWN_TOPIC_OR_PARTITION',
    ]);
    const [bills, nothing] = told(cluster(), ['bills', 'nothing']).topics;
    expect([bills?.topicId, nothing?.topicId]).toEqual([cluster().topics.get('bills')?.id, NO_ID]);
  });

  test('tells topics by id, and of an unknown one no name; names beside ids count for nothing', () => {
    const made = cluster();
    const id = made.topics.get('bills')?.id ?? '';
    expect(words(told(made, [{ id }, { id: 'f'.repeat(32) }]))).toEqual(['null UNKNOWN_TOPIC_ID', 'bills NONE, 0 led by 1 in 0']);
    expect(words(told(made, ['orders', { id }]))).toEqual(['bills NONE, 0 led by 1 in 0']);
    made.deleteTopic('bills');
    made.createTopic('bills', 1);
    expect(words(told(made, [{ id }]))).toEqual(['null UNKNOWN_TOPIC_ID']);
  });

  test.each(['', '..', 'a b', 'x'.repeat(250)])('says of %j that it is no name', (name) => {
    expect(nameOf(told(cluster(), [name]).topics[0]?.errorCode)).toBe('INVALID_TOPIC_EXCEPTION');
  });

  test('knows ids from version 12 on only, and then needs one or the other', () => {
    const id = 'f'.repeat(32);
    expect(words(told(cluster(), [{ id }], { version: 11 }))).toEqual([' INVALID_REQUEST']);
    expect(words(told(cluster(), [{ id: NO_ID }], { version: 10 }))).toEqual([' INVALID_REQUEST']);
    const answer = told(cluster(), ['orders', { id: NO_ID }]);
    expect(words(answer)).toEqual(['orders UNKNOWN_SERVER_ERROR', ' UNKNOWN_SERVER_ERROR']);
    expect(answer.brokers).toEqual([]);
  });

  test('a partition that nobody leads', () => {
    const made = cluster(2);
    brokerDown(made, 2);
    expect(words(told(made, ['orders']))).toEqual(['orders NONE, 0 led by 1 in 0, 1 LEADER_NOT_AVAILABLE led by -1 in 1']);
    const [, partition] = told(made, ['orders']).topics[0]?.partitions ?? [];
    expect(partition).toMatchObject({ replicaNodes: [2], isrNodes: [], offlineReplicas: [2] });
  });

  test('brokers that are down are not listed, and their replicas are offline and not in sync; nor are those that lag', () => {
    const made = newCluster(['r1', 'r2', 'r3']);
    made.createTopic('t', 1, 3);
    brokerDown(made, 2);
    const answer = told(made, ['t']);
    expect(answer.brokers).toEqual([
      { nodeId: 1, host: 'b1', port: 9092, rack: 'r1' },
      { nodeId: 3, host: 'b3', port: 9092, rack: 'r3' },
    ]);
    expect(answer.topics[0]?.partitions[0]).toMatchObject({ replicaNodes: [1, 2, 3], isrNodes: [1, 3], offlineReplicas: [2] });
    made.find('t', 0)?.lagging.set(3, 0);
    expect(told(made, ['t']).topics[0]?.partitions[0]?.isrNodes).toEqual([1]);
  });

  test('version 0 leaves out replicas that are down, and says so', () => {
    const made = newCluster(2);
    made.createTopic('t', 1, 2);
    brokerDown(made, 2);
    const [partition] = told(made, ['t'], { version: 0 }).topics[0]?.partitions ?? [];
    expect([nameOf(partition?.errorCode), partition?.replicaNodes]).toEqual(['REPLICA_NOT_AVAILABLE', [1]]);
    expect(told(made, ['t'], { version: 1 }).topics[0]?.partitions[0]).toMatchObject({ errorCode: 0, replicaNodes: [1, 2] });
  });

  test('a broker that is behind tells what it knew: leaders, topics, ids', () => {
    const made = cluster(2);
    const behind = made.brokers.get(2);
    if (behind === undefined) throw new Error('no broker');
    behind.staleTopics = viewOf(made);
    const before = words(told(made, null, { node: 2 }));
    const id = made.topics.get('bills')?.id ?? '';
    brokerDown(made, 1);
    made.deleteTopic('bills');
    made.createTopic('new', 1);
    expect(words(told(made, null, { node: 2 }))).toEqual(before);
    expect(words(told(made, ['new', 'bills'], { node: 2 }))).toEqual(['bills NONE, 0 led by 1 in 0', 'new UNKNOWN_TOPIC_OR_PARTITION']);
    expect(words(told(made, [{ id }], { node: 2 }))).toEqual(['bills NONE, 0 led by 1 in 0']);
    behind.staleTopics = undefined;
    expect(words(told(made, ['new'], { node: 2 }))).toEqual(['new NONE, 0 led by 2 in 0']);
  });

  test('creates a topic where that is configured and wanted, and tells of it the next time', () => {
    const made = newCluster(1, { autoCreateTopics: true });
    expect(words(told(made, ['a b', 'a'], { allowAutoTopicCreation: false }))).toEqual([
      'a b INVALID_TOPIC_EXCEPTION',
      'a UNKNOWN_TOPIC_OR_PARTITION',
    ]);
    expect(made.topics.size).toBe(0);
    expect(words(told(made, ['a b', 'a']))).toEqual(['a b INVALID_TOPIC_EXCEPTION', 'a UNKNOWN_TOPIC_OR_PARTITION']);
    expect(words(told(made, ['a']))).toEqual(['a NONE, 0 led by 1 in 0']);
    told(made, ['old'], { version: 3 });
    expect([...made.topics.keys()]).toEqual(['a', 'old']);
    const behind = made.brokers.get(1);
    const id = made.topics.get('a')?.id;
    if (behind !== undefined) behind.staleTopics = [];
    expect(words(told(made, ['a'])), 'it does not know that there is one').toEqual(['a UNKNOWN_TOPIC_OR_PARTITION']);
    expect(made.topics.get('a')?.id).toBe(id);
    const not = newCluster();
    told(not, ['a']);
    expect(not.topics.size).toBe(0);
  });

  test('names a controller that is alive, not always the same', () => {
    const made = newCluster(3);
    brokerDown(made, 2);
    const named = new Set(Array.from({ length: 9 }, (_, now) => told(made, [], { now }).controllerId));
    expect([...named].sort()).toEqual([1, 3]);
  });

  test('tells what may be done where that is asked', () => {
    const asking = { includeClusterAuthorizedOperations: true, includeTopicAuthorizedOperations: true };
    const ten = told(cluster(), ['orders'], { ...asking, version: 10 });
    expect([ten.clusterAuthorizedOperations, ten.topics[0]?.topicAuthorizedOperations]).toEqual([8096, 3576]);
    const twelve = told(cluster(), ['orders']);
    expect([twelve.clusterAuthorizedOperations, twelve.topics[0]?.topicAuthorizedOperations]).toEqual([-2147483648, -2147483648]);
  });

  test('is refused as the script says: every topic, one topic, or one partition', () => {
    expect(words(told(cluster(), null, { refusal: () => 'TOPIC_AUTHORIZATION_FAILED' }))).toEqual([
      'orders TOPIC_AUTHORIZATION_FAILED',
      'bills TOPIC_AUTHORIZATION_FAILED',
    ]);
    expect(words(told(cluster(), null, { refusal: () => 'LEADER_NOT_AVAILABLE' }))).toEqual([
      'orders NONE, 0 LEADER_NOT_AVAILABLE led by -1 in 0, 1 LEADER_NOT_AVAILABLE led by -1 in 0',
      'bills NONE, 0 LEADER_NOT_AVAILABLE led by -1 in 0',
    ]);
    expect(words(told(cluster(), null, { refusal: (topic) => (topic === 'bills' ? 'UNKNOWN_TOPIC_OR_PARTITION' : undefined) }))).toEqual([
      'orders NONE, 0 led by 1 in 0, 1 led by 1 in 0',
      'bills UNKNOWN_TOPIC_OR_PARTITION',
    ]);
    expect(
      words(told(cluster(), ['orders'], { refusal: (_, partition) => (partition === 1 ? 'LEADER_NOT_AVAILABLE' : undefined) })),
    ).toEqual(['orders NONE, 0 led by 1 in 0, 1 LEADER_NOT_AVAILABLE led by -1 in 0']);
  });

  test.each(Array.from({ length: 13 }, (_, version) => version))('is written in version %i', (version) => {
    expect(told(cluster(), ['orders', 'nothing'], { version }).topics).toHaveLength(2);
  });
});
