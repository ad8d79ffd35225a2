import { catchError, filter, map, mergeMap, Observable, ReplaySubject, Subject, tap, throwError, type OperatorFunction } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import type { ConsumerEvent } from '../../model/events.ts';
import type { PartitionStream } from '../../model/partitionStream.ts';
import type { KafkaRecord } from '../../model/record.ts';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/apis/offsetCommit.ts';
import { wordsOf } from '../describe.ts';
import { checkApi } from '../known.ts';
import type { SimulatedCluster } from '../simulatedCluster.ts';
import type { Traffic } from '../traffic.ts';
import { isRecord, nameOf } from './compare.ts';
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
   * As RxJS's, but a stream is compared by its `key` and never subscribed, a record as `orders-0@5`, an error by its `code` (its message without one); and without a subscription marble it is
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
  const log = logOf(cluster);
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
  const hot: RunHelpers['hot'] = (marbles, values, error) => {
    ending.drawn(marbles);
    return helpers.hot(marbles, values, error);
  };
  return {
    ...helpers,
    scheduler,
    cluster,
    events,
    told: (kind) => events.pipe(filter((event): event is Extract<ConsumerEvent, { kind: typeof kind }> => event.kind === kind)),
    hot,
    play: (marbles, actions) => {
      checkLetters(marbles, actions, 'play');
      hot(marbles).subscribe({ next: (letter) => actions[letter]?.(), error: raise });
    },
    expectObservable,
    expectRequests: (...apis) => {
      apis.forEach(checkApi);
      return expectObservable(log.pipe(wordsOf(cluster.model, apis)));
    },
    ackAt: (marbles, offsets) => {
      checkLetters(marbles, offsets, 'ackAt');
      return acking(hot(marbles).pipe(map((letter) => offsets[letter] ?? -1)));
    },
    commits: () => commitsOf(cluster),
  };
}

/** Seen from the beginning: what is sent at frame 0, before an expectation is subscribed at frame 0, is told at frame 0. */
function logOf({ traffic }: SimulatedCluster): Observable<Traffic> {
  const log = new ReplaySubject<Traffic>(Infinity);
  traffic.subscribe(log);
  return log;
}

/** Streams by their keys, records by where they stand, errors by their codes. */
function byName(): OperatorFunction<unknown, unknown> {
  return (source) =>
    source.pipe(
      map((value) => (value instanceof Observable || isRecord(value) ? nameOf(value) : value)),
      catchError((error: unknown) => throwError(() => (error instanceof Error ? nameOf(error) : error))),
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

/** Throws for a letter that nothing is said of. */
function checkLetters(marbles: string, known: Readonly<Record<string, unknown>>, tool: string): void {
  for (const { notification } of TestScheduler.parseMarbles(marbles, undefined, undefined, false, true)) {
    const letter = 'value' in notification ? String(notification.value) : undefined;
    if (letter !== undefined && !Object.hasOwn(known, letter)) throw new RangeError(`${tool}('${marbles}'): nothing is said of ${letter}`);
  }
}
