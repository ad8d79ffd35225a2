import { mergeMap, tap, type Observable } from 'rxjs';
import { fromKafka } from '../../src/index.ts';
import type { ConsumerOptions, KafkaRecord } from '../../src/index.ts';
import { kafkajsFor, withAdmin, type HasBrokers } from './kafka.ts';

/** Subscribes and waits for the end. `each` sees every record before it is acked. */
export function consumed(kafka: HasBrokers, options: ConsumerOptions, each: (record: KafkaRecord) => void): Promise<void> {
  return ended(
    fromKafka(kafkajsFor(kafka), options).pipe(
      mergeMap((partition) =>
        partition.pipe(
          tap((record) => {
            each(record);
            record.ack();
          }),
        ),
      ),
    ),
  );
}

/** Resolves when the Observable completes; rejects with its error. */
export function ended(source: Observable<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    source.subscribe({ error: reject, complete: resolve });
  });
}

/** What a group has committed for the partitions of a topic, by kafkajs; -1 where there is nothing. */
export function committedOffsets(kafka: HasBrokers, groupId: string, topic: string): Promise<readonly number[]> {
  return withAdmin(kafka, async (admin) => {
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const partitions = [...(found?.partitions ?? [])].sort((a, b) => a.partition - b.partition);
    return partitions.map(({ offset }) => Number(offset));
  });
}

/** The ends of the partitions of a topic, by kafkajs. */
export function endOffsets(kafka: HasBrokers, topic: string): Promise<readonly number[]> {
  return withAdmin(kafka, async (admin) => {
    const partitions = await admin.fetchTopicOffsets(topic);
    return [...partitions].sort((a, b) => a.partition - b.partition).map(({ high }) => Number(high));
  });
}
