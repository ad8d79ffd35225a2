import { NO_TOPIC_ID } from '../../../model/topicPartition.ts';
import type { ClusterModel } from '../clusterModel.ts';
import { codeFor } from './answers.ts';

/** A topic in a request to a coordinator. */
export interface AskedTopic {
  /** Empty: no topic has the id. */
  readonly name: string;
  /** `BY_NAME`: the request goes by names. */
  readonly topicId: string;
}

/** What becomes of one partition of a request. */
export interface PartitionResult {
  readonly topic: string;
  /** Absent: the request goes by names. */
  readonly topicId?: string;
  readonly partition: number;
  /** Kafka's name; undefined: none. */
  readonly error: string | undefined;
}

interface TopicResult extends AskedTopic {
  readonly partitions: readonly { readonly partitionIndex: number; readonly errorCode: number }[];
}

/** The topic id of requests that have none. */
export const BY_NAME: string = NO_TOPIC_ID;

/** The first version of OffsetCommit and of OffsetFetch in which topics go by their ids. */
export const IDS_SINCE = 10;

/** The same topics, each with the name and the id that count in that version. */
export function inVersion<T extends AskedTopic>(cluster: ClusterModel, version: number, topics: readonly T[]): readonly T[] {
  return topics.map((topic) =>
    version < IDS_SINCE ? { ...topic, topicId: BY_NAME } : { ...topic, name: cluster.findById(topic.topicId)?.name ?? '' },
  );
}

/** As answers have it: topics in the order in which they come first, and their partitions in order. */
export function byTopic(results: readonly PartitionResult[]): readonly TopicResult[] {
  const topics = new Map<string, TopicResult & { readonly partitions: { partitionIndex: number; errorCode: number }[] }>();
  for (const { topic: name, topicId = BY_NAME, partition, error } of results) {
    const key = topicId === BY_NAME ? name : topicId;
    const answered = topics.get(key) ?? { name, topicId, partitions: [] };
    answered.partitions.push({ partitionIndex: partition, errorCode: codeFor(error) });
    topics.set(key, answered);
  }
  return [...topics.values()];
}
