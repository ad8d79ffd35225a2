import { catchError, filter, map, mergeMap, Observable, ReplaySubject, Subject, tap, throwError, type OperatorFunction } from 'rxjs';
import type { RunHelpers, TestScheduler } from 'rxjs/testing';
import { KafkaRxError } from '../../errors/index.ts';
import type { ConsumerEvent } from '../../model/events.ts';
import type { PartitionStream } from '../../model/partitionStream.ts';
import type { KafkaRecord } from '../../model/record.ts';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/apis/offsetCommit.ts';
import { wordsOf } from '../describe.ts';
import type { SimulatedCluster } from '../simulatedCluster.ts';
import type { Traffic } from '../traffic.ts';
import { nameOf } from './compare.ts';
import type { Ending } from './ending.ts';

/** What a run is drawn with: RxJS's own helpers, in frames of 1 ms; a cluster; and what makes its life and a consumer's visible. */
export interface MarbleTools extends Omit<RunHelpers, 'expectObservable'> {
  /** For `options.scheduler`. */
  readonly scheduler: TestScheduler;
  readonly cluster: SimulatedCluster;
  /** For `options.events`; see `told`. */
  readonly events: { next(event: ConsumerEvent): void };
  /** What consumers with these `events` tell, of one kind. */
  readonly told: <K extends ConsumerEvent['kind']>(kind: K) => Observable<ConsumerEvent & { readonly kind: K }>;
  /** Does what the letters stand for, at their time. */
  readonly play: (marbles: string, actions: Readonly<Record<string, () => void>>) => void;
  /**
   * As RxJS's, but a stream is compared by its `key` and never subscribed, an error by its `code`; and without a subscription marble it is
   * unsubscribed at the end of the run (`options.end`).
   */
  readonly expectObservable: (observable: Observable<unknown>, subscription?: string) => Expectation;
  /** What is sent to the brokers, of these APIs or of all, in words: `fetch orders/0@5`. Seen from the beginning of the run. */
  readonly expectRequests: (...apis: readonly string[]) => Expectation;
  /** Acks the records with the offsets that the letters stand for, at their time, of the streams that go through: `ackAt('--a', { a: 0 })`. */
  readonly ackAt: (marbles: string, offsets: Readonly<Record<string, number>>) => OperatorFunction<PartitionStream, KafkaRecord>;
  /** What Kafka has taken as committed: `orders/0=3`. */
  readonly commits: () => Observable<string>;
}

export interface Expectation {
  readonly toBe: (marbles: string, values?: Readonly<Record<string, unknown>>, error?: unknown) => void;
}

export function toolsOf(helpers: RunHelpers, scheduler: TestScheduler, cluster: SimulatedCluster, ending: Ending): MarbleTools {
  const events = new Subject<ConsumerEvent>();
  // Seen from the beginning: what is sent at frame 0, before an expectation is subscribed at frame 0, is told at frame 0.
  const log = new ReplaySubject<Traffic>(Infinity);
  cluster.traffic.subscribe(log);
  const expectObservable: MarbleTools['expectObservable'] = (observable, subscription) => {
    const named = observable.pipe(byName());
    const expected = helpers.expectObservable(subscription === undefined ? ending.unsubscribes(named) : named, subscription);
    return {
      toBe: (marbles, values, error) => {
        ending.drawn(marbles);
        expected.toBe(marbles, values, error);
      },
    };
  };
  return {
    ...helpers,
    scheduler,
    cluster,
    events,
    told: (kind) => events.pipe(filter((event): event is Extract<ConsumerEvent, { kind: typeof kind }> => event.kind === kind)),
    play: (marbles, actions) => {
      helpers.hot(marbles).subscribe({ next: (letter) => actions[letter]?.(), error: raise });
    },
    expectObservable,
    expectRequests: (...apis) => expectObservable(log.pipe(wordsOf(cluster.model, apis))),
    ackAt: (marbles, offsets) => acking(helpers.hot(marbles).pipe(map((letter) => offsets[letter] ?? -1))),
    commits: () => commitsOf(cluster),
  };
}

/** Streams by their keys, errors by their codes. */
function byName(): OperatorFunction<unknown, unknown> {
  return (source) =>
    source.pipe(
      map((value) => (value instanceof Observable ? nameOf(value) : value)),
      catchError((error: unknown) => throwError(() => (KafkaRxError.is(error) ? error.code : error))),
    );
}

function acking(acks: Observable<number>): OperatorFunction<PartitionStream, KafkaRecord> {
  return (streams) => {
    const delivered: KafkaRecord[] = [];
    const ack = (offset: number): void => {
      for (const record of delivered) if (record.offset === offset) record.ack();
    };
    acks.subscribe({ next: ack, error: raise });
    return streams.pipe(
      mergeMap((stream) => stream),
      tap((record) => delivered.push(record)),
    );
  };
}

function commitsOf({ traffic }: SimulatedCluster): Observable<string> {
  return traffic.pipe(
    filter(({ kind, api }) => kind === 'answer' && api === 'OffsetCommit'),
    mergeMap(({ message, request }) => {
      const { topics } = message as OffsetCommitResponse;
      const asked = (request as OffsetCommitRequest).topics;
      return topics.flatMap(({ name, partitions }, topic) =>
        partitions.flatMap(({ partitionIndex, errorCode }, index) =>
          errorCode === 0 ? [`${name}/${String(partitionIndex)}=${String(asked[topic]?.partitions[index]?.committedOffset)}`] : [],
        ),
      );
    }),
  );
}

/** A script is no place for errors. */
function raise(error: unknown): never {
  throw error;
}
