import { mergeMap, tap } from 'rxjs';
import { fromKafka, type ConsumerOptions, type KafkaRecord, type PartitionStream } from '../../../../src/index.ts';
import { ended } from '../../../support/consume.ts';
import { eventually, kafkajsFor, type HasBrokers } from '../../../support/kafka.ts';

/** A consumer that reads to the end and stays. */
export interface Stayer {
  readonly offsets: readonly string[];
  readonly streams: readonly PartitionStream[];
  /** Fetches that were answered. */
  readonly fetches: number;
  readonly error: unknown;
  close(): void;
}

/** Reads and acks everything, `partition@offset`, and goes on. */
export function stay(kafka: HasBrokers, options: ConsumerOptions): Stayer {
  const offsets: string[] = [];
  const streams: PartitionStream[] = [];
  const found = { fetches: 0, error: undefined as unknown };
  const events = ({ kind }: { readonly kind: string }): void => {
    if (kind === 'fetched') found.fetches++;
  };
  const subscription = fromKafka(kafkajsFor(kafka), { ...options, events })
    .pipe(
      mergeMap((partition) => {
        streams.push(partition);
        return partition.pipe(
          tap((record) => {
            offsets.push(`${record.partition}@${record.offset}`);
            record.ack();
          }),
        );
      }),
    )
    .subscribe({ error: (error: unknown) => (found.error = error) });
  return {
    offsets,
    streams,
    get fetches() {
      return found.fetches;
    },
    get error() {
      return found.error;
    },
    close: () => subscription.unsubscribe(),
  };
}

/** Waits until each partition stands there. */
export function standsAt(stayer: Stayer, positions: readonly number[]): Promise<unknown> {
  const at = (): readonly (number | undefined)[] =>
    positions.map((_, partition) => stayer.streams.find((stream) => stream.partition === partition)?.position);
  return eventually(
    () => {
      if (stayer.error !== undefined) return true;
      if (String(at()) !== String(positions)) throw new Error(`they stand at ${String(at())}`);
      return true;
    },
    { what: `they stand at ${String(positions)}`, deadline: 10_000 },
  );
}

/** Subscribes and waits for the end. `each` sees every record, and acks it when it likes. */
export function consumedUnacked(kafka: HasBrokers, options: ConsumerOptions, each: (record: KafkaRecord) => void): Promise<void> {
  return ended(fromKafka(kafkajsFor(kafka), options).pipe(mergeMap((partition) => partition.pipe(tap(each)))));
}
