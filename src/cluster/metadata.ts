import { NO_TOPIC_ID, type TopicPartition } from '../model/topicPartition.ts';
import type { MetadataResponse } from '../protocol/apis/metadata.ts';
import { type Contest, denied, isBelieved, type Witness } from './contest.ts';
import type { BrokerView, ClusterView, PartitionView, TopicView } from './view.ts';

type TopicAnswer = MetadataResponse['topics'][number];

const none: ReadonlyMap<string, Contest> = new Map();

/** What these mean is that there is no such topic. Any other error leaves what we knew of it in place: it says nothing about that. */
const noSuchTopic: ReadonlySet<number> = new Set([
  3, // UNKNOWN_TOPIC_OR_PARTITION
  17, // INVALID_TOPIC_EXCEPTION
  100, // UNKNOWN_TOPIC_ID
]);

/** Whether an answer can be believed at all: a broker that is starting knows no brokers, and then its "no such topic" means nothing. */
export function isBelievable(response: MetadataResponse): boolean {
  return response.brokers.length > 0;
}

/** Whether an error of Metadata says that there is no such topic. */
export function meansNoSuchTopic(errorCode: number): boolean {
  return noSuchTopic.has(errorCode);
}

/** Whether one name stands for two topics (KIP-516). What a broker too old for ids says cannot be told apart. */
export function isOtherTopic(id: string, other: string): boolean {
  return id !== other && id !== NO_TOPIC_ID && other !== NO_TOPIC_ID;
}

/**
 * What we believe after an answer, given what we believed before. Pure.
 *
 * Brokers are replaced. Topics that were not asked for any more are forgotten. A leader with an older epoch never replaces one with a
 * newer epoch of the same topic, since any broker may answer and some lag behind (KIP-320). For the same reason it takes two brokers to say
 * that a topic that we know is gone, or is another one: until then what we knew of it stays, contested. Of the old one nothing is kept then.
 */
export function mergeMetadata(view: ClusterView, response: MetadataResponse, witness: Witness): ClusterView {
  const topics = new Map<string, TopicView>();
  const errors = new Map<string, number>();
  const contests = new Map<string, Contest>();
  for (const answer of response.topics) {
    const { name, errorCode } = answer;
    if (name === null) continue;
    const known = view.topics.get(name);
    const contest = known && contestOf(view, known, answer, witness);
    if (known !== undefined && contest !== undefined && !isBelieved(contest, response.brokers.length, witness)) {
      contests.set(name, contest);
      topics.set(name, known);
    } else if (errorCode === 0) topics.set(name, mergeTopic(contest === undefined ? known : undefined, answer, name));
    else {
      errors.set(name, errorCode);
      if (known !== undefined && contest === undefined) topics.set(name, known);
    }
  }
  return { brokers: brokersOf(response), topics, errors, ...(contests.size > 0 && { contests }), at: witness.at };
}

/** What an answer denies of a topic that we know; undefined: nothing. */
function contestOf(view: ClusterView, known: TopicView, answer: TopicAnswer, witness: Witness): Contest | undefined {
  const renamed = answer.errorCode === 0 && isOtherTopic(known.id, answer.topicId);
  if (!renamed && !meansNoSuchTopic(answer.errorCode)) return undefined;
  return denied(view.contests?.get(known.name), renamed, witness);
}

function brokersOf(response: MetadataResponse): ReadonlyMap<number, BrokerView> {
  return new Map(response.brokers.map(({ nodeId, host, port, rack }) => [nodeId, { nodeId, host, port, rack }]));
}

function mergeTopic(known: TopicView | undefined, answer: TopicAnswer, name: string): TopicView {
  // Partitions are never taken away from a topic: an answer with fewer of them is an old one. Without ids we cannot tell it from
  // another topic of the same name, and take it as it is.
  const id = answer.topicId === NO_TOPIC_ID ? (known?.id ?? NO_TOPIC_ID) : answer.topicId;
  const partitions = new Map(known !== undefined && known.id !== NO_TOPIC_ID ? known.partitions : []);
  for (const { partitionIndex, leaderId, leaderEpoch } of answer.partitions) {
    const old = known?.partitions.get(partitionIndex);
    const told = { leader: leaderId, leaderEpoch };
    partitions.set(partitionIndex, old !== undefined && isOlder(told, old) ? old : told);
  }
  return { name, id, internal: answer.isInternal, partitions };
}

function isOlder(told: PartitionView, known: PartitionView): boolean {
  return told.leaderEpoch >= 0 && told.leaderEpoch < known.leaderEpoch;
}

/** Whether both say the same of the cluster, whenever they were learnt. */
export function saysTheSame(a: ClusterView, b: ClusterView): boolean {
  return (
    sameMap(a.brokers, b.brokers, (x, y) => x.host === y.host && x.port === y.port && x.rack === y.rack) &&
    sameMap(a.topics, b.topics, (x, y) => x.id === y.id && sameMap(x.partitions, y.partitions, samePartition)) &&
    sameMap(a.errors, b.errors, (x, y) => x === y) &&
    sameMap(a.contests ?? none, b.contests ?? none, () => true)
  );
}

/** Whether something in it is bound to change soon, and so is worth asking about: a topic in error or contested, or a partition without a leader. */
export function isUnsettled(view: ClusterView, held: Iterable<TopicPartition>): boolean {
  if (view.errors.size > 0 || view.contests !== undefined) return true;
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
