import process from 'node:process';
import { mergeMap } from 'rxjs';
import { fromKafka, type KafkaRecord } from '../../../../src/index.ts';
import type { Source } from '../ground.ts';
import type { Consumer } from './consumer.ts';

export interface Hoard {
  /** How many records each partition has had. */
  readonly counts: readonly number[];
  /** Bytes after a collection. */
  readonly heap: number;
  readonly outside: number;
}

/** Subscribes everything and acks nothing; at `ack P` it acks the first record of partition P. `maxBuffered`: undefined for the default. */
export function hoarder(source: Source, topic: string, maxBuffered: number | undefined, failed: (error: unknown) => void): Consumer<Hoard> {
  const counts: number[] = [];
  const first: KafkaRecord[] = [];
  const hoarding = fromKafka(source, {
    groupId: topic,
    topics: [topic],
    unattendedTimeout: false,
    ...(maxBuffered !== undefined && { maxBuffered }),
  })
    .pipe(mergeMap((partition) => partition))
    .subscribe({
      next: (record) => {
        counts[record.partition] = (counts[record.partition] ?? 0) + 1;
        first[record.partition] ??= record;
      },
      error: failed,
    });
  return {
    answer: (message) => {
      if (message.startsWith('ack')) first[Number(message.slice(4))]?.ack();
      global.gc?.();
      const { heapUsed, external, arrayBuffers } = process.memoryUsage();
      return { counts, heap: heapUsed, outside: external + arrayBuffers };
    },
    stop: () => hoarding.unsubscribe(),
  };
}
