import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';

/** What a new assignment means to who holds something already. */
export interface Change {
  /** Ours from now on, and not before. */
  readonly added: readonly TopicPartition[];
  /** Held before, and still ours: nothing happens to them. */
  readonly kept: readonly TopicPartition[];
  /** Held, and not ours any more: to be handed over. */
  readonly taken: readonly TopicPartition[];
}

/** The difference between what is held and what is assigned. */
export function changeOf(held: readonly TopicPartition[], assigned: readonly TopicPartition[]): Change {
  const keysOf = (places: readonly TopicPartition[]): ReadonlySet<string> =>
    new Set(places.map(({ topic, partition }) => partitionKey(topic, partition)));
  const before = keysOf(held);
  const after = keysOf(assigned);
  const isIn = (keys: ReadonlySet<string>, { topic, partition }: TopicPartition): boolean => keys.has(partitionKey(topic, partition));
  return {
    added: assigned.filter((place) => !isIn(before, place)),
    kept: held.filter((place) => isIn(after, place)),
    taken: held.filter((place) => !isIn(after, place)),
  };
}
