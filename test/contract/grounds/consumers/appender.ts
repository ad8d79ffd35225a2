import { concatMap, map, timer, type Observable, type Subscription } from 'rxjs';
import { ackEach, eachPartition, processRecords } from '../../../../operators/index.ts';
import { fromKafka, type ConsumerOptions, type KafkaRecord } from '../../../../src/index.ts';
import type { Source } from '../ground.ts';

export interface Appending {
  readonly topic: string;
  readonly groupId: string;
  /** Ms that each record takes. */
  readonly work: number;
  /** Of commits, ms; or `once`: delivery is at most once. */
  readonly interval: number | 'once';
  readonly options: Partial<ConsumerOptions>;
  /** Called for each record that is done, before its ack. */
  readonly append: (record: KafkaRecord) => void;
  readonly failed: (error: unknown) => void;
}

/** Consumes until it is killed. */
export function appender(source: Source, { topic, groupId, work, interval, options, append, failed }: Appending): Subscription {
  const delivery = interval === 'once' ? ({ delivery: 'at-most-once' } as const) : { commit: { interval } };
  const done = (record: KafkaRecord): Observable<KafkaRecord> =>
    timer(work).pipe(
      map(() => {
        append(record);
        return record;
      }),
    );
  // A whole window waits in the queue, delivered and not acked: a commit of what is delivered would lose it.
  const queueing = eachPartition((partition) => partition.pipe(concatMap(done), ackEach()));
  return fromKafka(source, { groupId, topics: [topic], ...delivery, ...options } as ConsumerOptions)
    .pipe(interval === 'once' ? processRecords(done) : queueing)
    .subscribe({ error: failed });
}
