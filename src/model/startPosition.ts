import type { ObservableInput } from 'rxjs';
import type { TopicPartition } from './topicPartition.ts';

/**
 * Where to begin in a partition. `offset`: that offset; `timestamp`: the first record at or after it (ms since the epoch; the end of the
 * log where there is none); `ago`: the same, that many ms before now.
 */
export type StartPosition = 'earliest' | 'latest' | { readonly offset: number } | { readonly timestamp: number } | { readonly ago: number };

/** A start position, or a function that looks one up for each partition. */
export type StartFrom = StartPosition | ((partition: TopicPartition) => ObservableInput<StartPosition>);

/** Where to go when a position is out of range: `none` errors the partition's stream (Kafka: `auto.offset.reset`). */
export type AutoOffsetReset = 'earliest' | 'latest' | 'none';

export type IsolationLevel = 'read_committed' | 'read_uncommitted';

/** Whether a value is a start position: one of the two words, or one whole number from 0 on under one of the three names. */
export function isStartPosition(value: unknown): value is StartPosition {
  if (value === 'earliest' || value === 'latest') return true;
  if (typeof value !== 'object' || value === null) return false;
  const [entry, ...others] = Object.entries(value as Readonly<Record<string, unknown>>);
  if (entry === undefined || others.length > 0) return false;
  const [name, number] = entry;
  return ['offset', 'timestamp', 'ago'].includes(name) && Number.isSafeInteger(number) && Number(number) >= 0;
}
