import type { TopicPartition } from '../model/topicPartition.ts';

/** The partitions under their topics, as most requests want them. */
export function byTopic<T extends TopicPartition>(partitions: Iterable<T>): [topic: string, partitions: T[]][] {
  const topics = new Map<string, T[]>();
  for (const partition of partitions) {
    const own = topics.get(partition.topic);
    if (own === undefined) topics.set(partition.topic, [partition]);
    else own.push(partition);
  }
  return [...topics];
}
