import { defer, map, merge, mergeMap, takeWhile, tap, timer, type Observable } from 'rxjs';
import { fromKafka, type ConsumerOptions, type PartitionStream } from '../../../../src/index.ts';
import { ended } from '../../../support/consume.ts';
import { kafkajsFor, type HasBrokers } from '../../../support/kafka.ts';
import type { IsolationLevel } from '../transactions/written.ts';
import { Dice } from './dice.ts';
import { Hand, type Moves } from './hand.ts';
import type { Truth } from './java.ts';
import type { LogTopic } from './plan.ts';

export interface Reading {
  readonly topics: readonly LogTopic[];
  readonly truth: Truth;
  /** Where each partition ends for this isolation level. */
  readonly ends: ReadonlyMap<number, number>;
  readonly isolationLevel: IsolationLevel;
  readonly fetch: NonNullable<ConsumerOptions['fetch']>;
  readonly by: 'records' | 'batches';
  /** Seeks and pauses in each partition before it is read as a whole. */
  readonly moves: number;
  readonly seed: number;
}

export type Report = Moves & { fetches: number };

/** Reads all partitions at random, then each as a whole, up to its end. Rejects where a record is not the one that Java prints. */
export async function readAtRandom(kafka: HasBrokers, reading: Reading): Promise<Report> {
  const report: Report = { records: 0, seeksInside: 0, seeksOutside: 0, pauses: 0, fetches: 0 };
  const { topics, isolationLevel, fetch, ends } = reading;
  const partitions = topics.flatMap(({ name: topic, partitions: own }) => own.map((partition) => ({ topic, partition })));
  const events = ({ kind }: { readonly kind: string }): void => {
    if (kind === 'fetched') report.fetches++;
  };
  const reads = new Map<PartitionStream, Hand>();
  const consumer = fromKafka(kafkajsFor(kafka), { partitions, isolationLevel, fetch, events, startFrom: 'earliest' }).pipe(
    mergeMap((partition) => {
      const hand = handOf(partition, reading, report);
      reads.set(partition, hand);
      return readBy(reading.by, partition, hand);
    }),
  );
  const isDone = (): boolean =>
    reads.size === partitions.length &&
    [...reads].every(([stream, { covered }]) => covered && stream.position === ends.get(stream.partition));
  const look = timer(20, 20).pipe(map(isDone));
  await ended(merge(consumer.pipe(map(() => false)), look).pipe(takeWhile((done) => !done)));
  return report;
}

function handOf(partition: PartitionStream, { truth, topics, seed, moves }: Reading, report: Moves): Hand {
  const printed = truth.get(partition.partition) ?? { offsets: [], lines: [] };
  const configs = topics.find(({ name }) => name === partition.topic)?.configs ?? {};
  const timestampType = configs['message.timestamp.type'] ?? 'CreateTime';
  return new Hand(partition, printed, timestampType, new Dice(seed * 100 + partition.partition), moves, report);
}

/** What is delivered is acked, now and then only some records later. */
function readBy(by: Reading['by'], partition: PartitionStream, hand: Hand): Observable<unknown> {
  if (by === 'batches')
    return partition.batches.pipe(
      tap((batch) => {
        for (const record of batch) hand.see(record);
        batch.ack();
        hand.moves();
      }),
    );
  return defer(() => {
    const kept: { ack(): void }[] = [];
    return partition.pipe(
      tap((record) => {
        hand.see(record);
        kept.push(record);
        if (kept.length > record.offset % 30) for (const each of kept.splice(0)) each.ack();
        hand.moves();
      }),
    );
  });
}
