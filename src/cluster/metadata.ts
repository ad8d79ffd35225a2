import type { TopicPartition } from '../model/topicPartition.ts';
import type { MetadataResponse } from '../protocol/apis/metadata.ts';
import type { BrokerView, ClusterView, PartitionView, TopicView } from './view.ts';

type TopicAnswer = MetadataResponse['topics'][number];

const noTopicId = '0'.repeat(32);

/** What these mean is that there is no such topic. Any other error leaves what we knew of it in place: it says nothing about that. */
const meansNoSuchTopic: ReadonlySet<number> = new Set([
  3, // UNKNOWN_TOPIC_OR_PARTITION
  17, // INVALID_TOPIC_EXCEPTION
  100, // UNKNOWN_TOPIC_ID
]);

/** Whether an answer can be believed at all: a broker that is starting knows no brokers, and then its "no such topic" means nothing. */
export function isBelievable(response: MetadataResponse): boolean {
  return response.brokers.length > 0;
}

/**
 * What we believe after an answer, given what we believed before. Pure.
 *
 * Brokers are replaced. Topics that were not asked for any more are forgotten. A leader with an older epoch never replaces one with a
 * newer epoch of the same topic, since any broker may answer and some lag behind (KIP-320). Another topic id is another topic: of the
 * old one nothing is kept.
 */
export function mergeMetadata(view: ClusterView, response: MetadataResponse, now: number): ClusterView {
  const topics = new Map<string, TopicView>();
  const errors = new Map<string, number>();
  for (const answer of response.topics) {
    if (answer.name === null) continue;
    const known = view.topics.get(answer.name);
    if (answer.errorCode === 0) topics.set(answer.name, mergeTopic(known, answer, answer.name));
    else {
      errors.set(answer.name, answer.errorCode);
      if (known !== undefined && !meansNoSuchTopic.has(answer.errorCode)) topics.set(answer.name, known);
    }
  }
  return { brokers: brokersOf(response), topics, errors, at: now };
}

function brokersOf(response: MetadataResponse): ReadonlyMap<number, BrokerView> {
  return new Map(response.brokers.map(({ nodeId, host, port, rack }) => [nodeId, { nodeId, host, port, rack }]));
}

function mergeTopic(known: TopicView | undefined, answer: TopicAnswer, name: string): TopicView {
  const sameTopic = known?.id === answer.topicId;
  // Partitions are never taken away from a topic: an answer with fewer of them is an old one. Without ids we cannot tell it from
  // another topic of the same name, and take it as it is.
  const partitions = new Map(sameTopic && known.id !== noTopicId ? known.partitions : []);
  for (const { partitionIndex, leaderId, leaderEpoch } of answer.partitions) {
    const old = sameTopic ? known.partitions.get(partitionIndex) : undefined;
    const told = { leader: leaderId, leaderEpoch };
    partitions.set(partitionIndex, old !== undefined && isOlder(told, old) ? old : told);
  }
  return { name, id: answer.topicId, internal: answer.isInternal, partitions };
}

function isOlder(told: PartitionView, known: PartitionView): boolean {
  return told.leaderEpoch >= 0 && told.leaderEpoch < known.leaderEpoch;
}

/** Whether both say the same of the cluster, whenever they were learnt. */
export function saysTheSame(a: ClusterView, b: ClusterView): boolean {
  return (
    sameMap(a.brokers, b.brokers, (x, y) => x.host === y.host && x.port === y.port && x.rack === y.rack) &&
    sameMap(a.topics, b.topics, (x, y) => x.id === y.id && sameMap(x.partitions, y.partitions, samePartition)) &&
    sameMap(a.errors, b.errors, (x, y) => x === y)
  );
}

/** Whether something in it is bound to change soon, and so is worth asking about: a topic in error, or a partition without a leader. */
export function isUnsettled(view: ClusterView, held: Iterable<TopicPartition>): boolean {
  if (view.errors.size > 0) return true;
  for (const { topic, partition } of held) if (view.topics.get(topic)?.partitions.has(partition) !== true) return true;
  for (const { partitions } of view.topics.values()) {
    for (const { leader } of partitions.values()) if (!view.brokers.has(leader)) return true;
  }
  return false;
}

function samePartition(a: PartitionView, b: PartitionView): boolean {
  return a.leader === b.leader && a.leaderEpoch === b.leaderEpoch;
}

function sameMap<K, V>(a: ReadonlyMap<K, V>, b: ReadonlyMap<K, V>, same: (x: V, y: V) => boolean): boolean {
  if (a.size !== b.size) return false;
  for (const [key, x] of a) {
    const y = b.get(key);
    if (y === undefined || !same(x, y)) return false;
  }
  return true;
}
