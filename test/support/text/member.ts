import {
  filter,
  ignoreElements,
  map,
  mergeMap,
  retry,
  Subject,
  takeUntil,
  tap,
  type Observable,
  type Subscription,
  type Unsubscribable,
} from 'rxjs';
import { KafkaRxError } from '../../../src/errors/index.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import type { KafkaRecord } from '../../../src/model/record.ts';
import type { TopicPartition } from '../../../src/model/topicPartition.ts';
import type { Action } from './actions.ts';
import type { Seen } from './stage.ts';

type StreamAction = Action & { readonly kind: 'seek' | 'pause' | 'resume' | 'fail' };
export type MemberAction = StreamAction | (Action & { readonly kind: 'ack' | 'ackAll' });

/** What the picture says that the work on a record ends with. */
class WorkFailed extends Error {}

/**
 * One consumer, and what somebody does with it: takes the records of each partition, acks them at once or when told so, and subscribes a stream
 * again that failed.
 */
export class Member {
  private readonly consumer: Observable<PartitionStream>;
  private readonly acksAtOnce: boolean;
  private readonly note: (seen: Seen) => void;
  private readonly streams = new Map<string, PartitionStream>();
  private readonly taken = new Map<string, KafkaRecord>();
  private readonly holds = new Map<string, Unsubscribable[]>();
  private readonly failures = new Subject<string>();
  private life: Subscription | undefined;

  constructor(consumer: Observable<PartitionStream>, acksAtOnce: boolean, note: (seen: Seen) => void) {
    this.consumer = consumer;
    this.acksAtOnce = acksAtOnce;
    this.note = note;
  }

  start(): void {
    this.life = this.consumer.pipe(mergeMap((stream) => this.work(stream))).subscribe({
      error: (error: unknown) => this.note({ lane: 'outer', words: `errored ${codeOf(error)}` }),
      complete: () => this.note({ lane: 'outer', words: 'completed' }),
    });
  }

  end(): void {
    this.life?.unsubscribe();
  }

  drive(action: MemberAction): void {
    if (action.kind === 'ack') this.ack(`${nameOf(action.place)}@${String(action.offset)}`);
    else if (action.kind === 'ackAll') for (const key of [...this.taken.keys()]) this.ack(key);
    else this.driveStream(action);
  }

  private ack(key: string): void {
    const record = this.taken.get(key);
    if (record === undefined) throw new Error(`there is no record ${key} to ack: it was acked already, or not delivered yet`);
    this.taken.delete(key);
    record.ack();
  }

  private driveStream(action: StreamAction): void {
    const key = nameOf(action.place);
    const stream = this.streams.get(key);
    if (stream === undefined) throw new Error(`${key} is not assigned`);
    const holds = this.holds.get(key) ?? [];
    this.holds.set(key, holds);
    if (action.kind === 'seek') stream.seek(action.to);
    else if (action.kind === 'pause') holds.push(stream.pause());
    else if (action.kind === 'fail') this.failures.next(key);
    else if (holds.length === 0) throw new Error(`${key} is not paused`);
    else holds.pop()?.unsubscribe();
  }

  private work(stream: PartitionStream): Observable<never> {
    const key = nameOf(stream);
    this.streams.set(key, stream);
    this.note({ lane: 'stream', words: `assigned ${key}` });
    stream.signal.addEventListener('abort', () => this.note({ lane: 'signal', words: `aborted ${key} ${codeOf(stream.signal.reason)}` }));
    const failing = this.failures.pipe(
      filter((failed) => failed === key),
      map(() => {
        throw new WorkFailed();
      }),
    );
    const attempt = stream.pipe(
      tap((record) => this.take(record)),
      takeUntil(failing),
    );
    return attempt.pipe(
      tap({
        error: (error: unknown) => error instanceof WorkFailed || this.note({ lane: 'stream', words: `errored ${key} ${codeOf(error)}` }),
      }),
      retry(),
      tap({ complete: () => this.note({ lane: 'stream', words: `completed ${key}` }) }),
      ignoreElements(),
    );
  }

  private take(record: KafkaRecord): void {
    const key = `${nameOf(record)}@${String(record.offset)}`;
    this.note({ lane: 'record', words: `record ${key}` });
    if (this.acksAtOnce) record.ack();
    else this.taken.set(key, record);
  }
}

export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${String(partition)}`;
}

/** Its code; of what has none, what it says. */
export function codeOf(error: unknown): string {
  return KafkaRxError.is(error) ? error.code : String(error);
}
