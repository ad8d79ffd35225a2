import { codeFor } from './answers.ts';

/** What becomes of one partition of a request. */
export interface PartitionResult {
  readonly topic: string;
  readonly partition: number;
  /** Kafka's name; undefined: none. */
  readonly error: string | undefined;
}

interface TopicResult {
  readonly name: string;
  readonly partitions: readonly { readonly partitionIndex: number; readonly errorCode: number }[];
}

/** As answers have it: topics in the order in which they come first, and their partitions in order. */
export function byTopic(results: readonly PartitionResult[]): readonly TopicResult[] {
  const topics = new Map<string, { partitionIndex: number; errorCode: number }[]>();
  for (const { topic, partition, error } of results) {
    const partitions = topics.get(topic) ?? [];
    partitions.push({ partitionIndex: partition, errorCode: codeFor(error) });
    topics.set(topic, partitions);
  }
  return [...topics].map(([name, partitions]) => ({ name, partitions }));
}
