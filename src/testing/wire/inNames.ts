import type { FetchableTopicResponse, FetchPartition } from '../../protocol/apis/fetch.ts';
import type { FetchPartitionAll, FetchRequestAll } from '../../protocol/apis/fetchAll.ts';
import { NO_TOPIC_ID } from '../../model/topicPartition.ts';
import type { ClusterModel } from '../model/clusterModel.ts';

/** What goes by ids, or did: one of these shapes. */
interface ById {
  readonly topic?: string;
  readonly name?: string;
  readonly topicId: string;
}

/**
 * A request or an answer in the words of names, as who reads a log wants it: topics that go by their ids have their names, and a Fetch of a session (KIP-227)
 * says all that the broker is to fetch by it.
 */
export function inNames(cluster: ClusterModel, node: number, api: string, message: unknown): unknown {
  if (typeof message !== 'object' || message === null) return message;
  if (api === 'Fetch' && 'responses' in message)
    return { ...message, responses: named(cluster, message.responses as readonly FetchableTopicResponse[]) };
  if (api === 'Fetch') return wholeFetch(cluster, node, message as FetchRequestAll);
  if (api !== 'OffsetCommit' && api !== 'OffsetFetch') return message;
  return namedIn(cluster, message);
}

/** The topics of a message, and those of its groups. */
function namedIn(cluster: ClusterModel, message: object): object {
  const { topics, groups } = message as { readonly topics?: readonly ById[] | null; readonly groups?: readonly object[] };
  return {
    ...message,
    ...(Array.isArray(topics) && { topics: named(cluster, topics) }),
    ...(groups !== undefined && { groups: groups.map((group) => namedIn(cluster, group)) }),
  };
}

function named<T extends ById>(cluster: ClusterModel, topics: readonly T[]): readonly T[] {
  return topics.map((topic) => {
    const name = topic.topicId === NO_TOPIC_ID ? undefined : cluster.nameOf(topic.topicId);
    if (name === undefined) return topic;
    return { ...topic, ...('topic' in topic ? { topic: name } : { name }) };
  });
}

function wholeFetch(cluster: ClusterModel, node: number, request: FetchRequestAll): FetchRequestAll {
  const { sessionId, sessionEpoch } = request;
  const listed = named(cluster, request.topics);
  const session = sessionEpoch > 0 ? cluster.brokers.get(node)?.sessions.get(sessionId) : undefined;
  if (session === undefined) return { ...request, topics: listed };
  const all = new Map<string, Place>();
  const keyOf = (topic: string, partition: number): string => `${topic}/${String(partition)}`;
  for (const { topic, topicId, asked } of session.partitions.values()) {
    const name = topic ?? cluster.nameOf(topicId) ?? '';
    all.set(keyOf(name, asked.partition), { topic: name, topicId, partition: asked });
  }
  for (const { topic, partitions } of named(cluster, request.forgottenTopicsData))
    for (const partition of partitions) all.delete(keyOf(topic, partition));
  for (const { topic, topicId, partitions } of listed)
    for (const partition of partitions) all.set(keyOf(topic, partition.partition), { topic, topicId, partition });
  return { ...request, topics: grouped([...all.values()]) };
}

interface Place {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: FetchPartition;
}

/** The topics in the order in which they come first. */
function grouped(places: readonly Place[]): FetchRequestAll['topics'] {
  const topics = new Map<string, FetchRequestAll['topics'][number] & { readonly partitions: FetchPartitionAll[] }>();
  for (const { topic, topicId, partition } of places) {
    const own = topics.get(topic) ?? { topic, topicId, partitions: [] };
    topics.set(topic, own);
    own.partitions.push({ replicaDirectoryId: NO_TOPIC_ID, highWatermark: 2 ** 63, ...partition });
  }
  return [...topics.values()];
}
