import { NO_TOPIC_ID, type TopicPartition } from '../model/topicPartition.ts';
import type { Cursor } from '../table/cursor.ts';

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

/** The id by which the topic of these goes (KIP-516); all zero where it is not known, or where they are not of the same topic any more. */
export function topicIdOf(own: readonly Cursor[]): string {
  const [first = '', ...others] = new Set(own.map(({ route }) => route.topicId));
  return first === '' || others.length > 0 ? NO_TOPIC_ID : first;
}

/** Whether an answer is about the topic of that partition: by its id, or by its name where the broker has none. */
export function isTopic(answered: { readonly name: string; readonly topicId: string }, { topic, route }: Cursor): boolean {
  return answered.topicId === NO_TOPIC_ID ? answered.name === topic : answered.topicId === route.topicId;
}
