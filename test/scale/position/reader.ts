import { filter, mergeMap, retry, Subject, take, tap } from 'rxjs';
import { fromKafka, KafkaRxError, type ConsumerEvent, type ConsumerOptions, type PartitionStream } from '../../../src/index.ts';
import { eventually, kafkajsFor, type HasBrokers } from '../../support/kafka.ts';
import type { Positioned, Read } from './log.ts';

type Kind = ConsumerEvent['kind'];

/** A consumer that acks what it reads, and what it told. A stream that errors waits until it is told to go on. */
export class Reader {
  readonly name: string;
  readonly read: Read[] = [];
  readonly told: ConsumerEvent[] = [];
  readonly failures: { readonly partition: number; readonly code: string; readonly error: unknown }[] = [];
  /** The present stream of each partition. */
  readonly streams: Map<number, PartitionStream> = new Map<number, PartitionStream>();
  readonly #stopping = new AbortController();
  readonly #resumed = new Subject<number>();
  readonly #ended: Promise<void>;
  #error: Error | undefined;

  constructor(name: string, kafka: HasBrokers, options: ConsumerOptions) {
    this.name = name;
    const events = (event: ConsumerEvent): void => void this.told.push(event);
    const consumer = fromKafka(kafkajsFor(kafka), { ...options, until: this.#stopping.signal, events });
    this.#ended = new Promise((resolve, reject) => {
      consumer.pipe(mergeMap((stream) => this.#follow(stream))).subscribe({ error: reject, complete: resolve });
    });
    this.#ended.catch((error: unknown) => (this.#error = error instanceof Error ? error : new Error(String(error))));
  }

  #follow(stream: PartitionStream) {
    const { partition } = stream;
    this.streams.set(partition, stream);
    return stream.pipe(
      tap((record) => {
        this.read.push({ partition, offset: record.offset, value: String(record.value), at: Date.now() });
        record.ack();
      }),
      retry({
        delay: (error: unknown) => {
          this.failures.push({ partition, code: KafkaRxError.is(error) ? error.code : String(error), error });
          return this.#resumed.pipe(
            filter((one) => one === partition),
            take(1),
          );
        },
      }),
    );
  }

  /** The stream of a partition that errored is subscribed again. */
  resume(partition: number): void {
    this.#resumed.next(partition);
  }

  tells<K extends Kind>(kind: K): readonly (ConsumerEvent & { readonly kind: K })[] {
    return this.told.filter((event): event is ConsumerEvent & { readonly kind: K } => event.kind === kind);
  }

  get moves(): readonly Positioned[] {
    return this.tells('positioned');
  }

  /** Until it holds so many partitions and knows where it is in them. */
  async begun(partitions: number): Promise<void> {
    await this.until('it has begun', () => new Set(this.moves.map(({ partition }) => partition)).size >= partitions);
  }

  async until(what: string, good: () => boolean, deadline = 60_000): Promise<void> {
    const said = (): boolean => {
      if (this.#error !== undefined) return true;
      if (!good()) throw new Error(`${this.read.length} read, the last: ${JSON.stringify(this.told.slice(-5))}`);
      return true;
    };
    await eventually(said, { what: `${this.name}: ${what}`, deadline, every: 25 });
    if (this.#error !== undefined) throw new Error(`${this.name} has failed: ${this.#error.message}`, { cause: this.#error });
  }

  /** Gracefully. Rejects as the consumer does. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#resumed.complete(); // who waits for that has nothing more to wait for
    await this.#ended;
  }
}
