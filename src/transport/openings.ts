import {
  catchError,
  concatWith,
  defer,
  map,
  merge,
  mergeMap,
  NEVER,
  ReplaySubject,
  share,
  Subject,
  tap,
  throwError,
  timeout,
  timer,
} from 'rxjs';
import type { Observable, SchedulerLike } from 'rxjs';
import { ConnectionError, KafkaRxError, type ConnectionErrorCode } from '../errors/index.ts';
import { guarded } from './guard.ts';
import type { Gate } from './health.ts';
import type { Connection } from './port.ts';

export interface OpeningOptions {
  /** `host:port`. */
  readonly broker: string;
  readonly connect: () => Observable<Connection>;
  readonly scheduler: SchedulerLike;
  /** Milliseconds that one attempt to connect may take. */
  readonly connectTimeout: number;
  /** While it refuses, attempts fail with its error. */
  readonly gate?: Gate | undefined;
  /** A connection is open. Must not throw. */
  readonly opened?: ((connection: Connection) => void) | undefined;
  /** It is gone; without an error: we closed it. Follows each `opened`, once. Must not throw. */
  readonly closed?: ((error?: Error) => void) | undefined;
}

/** One connection that is open now. */
export interface Opening {
  readonly connection: Connection;
  /** The broker answered something on it. */
  answered(): void;
  /** Closes this connection, and no other: it may have been replaced since. */
  drop(why: string): void;
}

export interface Openings {
  /** The open connection, or the next: users that come while one is being opened share the attempt. A user that leaves takes nothing along. */
  readonly current: Observable<Opening>;
  /** Closes what is open, for ever: users from then on get a ConnectionError. */
  close(): void;
}

/** Keeps one connection open from its first user on, and opens another for the first user after it was lost. */
export function createOpenings(options: OpeningOptions): Openings {
  const { broker, scheduler, gate } = options;
  const closing = new Subject<Error>();
  let closed: Error | undefined;
  const current = defer(() => {
    const refusal = closed ?? gate?.refusal();
    return refusal === undefined ? open(options, closing) : failLater(refusal, scheduler);
  }).pipe(
    // Reset before the error goes out: who asks again on hearing of it starts a new attempt.
    share({ connector: () => new ReplaySubject<Opening>(1), resetOnError: true, resetOnComplete: true, resetOnRefCountZero: false }),
  );
  return {
    current,
    close: () => {
      if (closed !== undefined) return;
      closed = connectionError('CONNECTION_LOST', `the connection to ${broker} is closed`, broker);
      closing.next(closed);
    },
  };
}

/** One attempt to connect, and the life of what it opened. */
function open(options: OpeningOptions, closing: Observable<Error>): Observable<Opening> {
  const { broker, scheduler, connectTimeout, gate } = options;
  const begun = scheduler.now();
  const dropped = new Subject<Error>();
  let state: 'connecting' | 'open' | 'answered' = 'connecting';
  let ours: Error | undefined;
  const tooLate = () => connectionError('CONNECTION_FAILED', `no connection to ${broker} within ${String(connectTimeout)} ms`, broker);
  const opening = (connection: Connection): Opening => ({
    connection,
    answered: () => {
      if (state === 'answered') return;
      state = 'answered';
      gate?.succeeded();
    },
    drop: (why) => dropped.next(connectionError('CONNECTION_LOST', `the connection to ${broker} was dropped: ${why}`, broker)),
  });
  const ended = (error: Error): void => {
    // A connection that never answered is as good as none: brokers that accept and then hang or hang up are backed off from as well.
    if (state !== 'answered' && error !== ours) gate?.failed(error, begun);
    if (state !== 'connecting') options.closed?.(error === ours ? undefined : error);
  };
  const life = options.connect().pipe(
    concatWith(defer(() => fail(connectionError('CONNECTION_LOST', `the connection to ${broker} ended`, broker)))),
    timeout({ first: connectTimeout, scheduler, with: () => fail(tooLate()) }),
    map((connection) => opening(guarded(connection))),
    tap(({ connection }) => {
      state = 'open';
      options.opened?.(connection);
    }),
    // Every end goes the way of `drop`. The error of the connection itself would come too late: `catchError` and the like let go of their source
    // first; that fails what is pending on it, and one of those who asks again at once would be given the connection that is just dying.
    catchError((error: unknown) => {
      dropped.next(asError(error, broker));
      return NEVER;
    }),
  );
  const end = merge(
    dropped.pipe(mergeMap((error) => (state === 'connecting' ? failLater(error, scheduler) : fail(error)))),
    closing.pipe(
      tap((error) => (ours = error)),
      mergeMap(fail),
    ),
  );
  // `end` is subscribed first: whoever is told of the connection may close it at once.
  return merge(end, life).pipe(tap({ error: ended }));
}

function connectionError(code: ConnectionErrorCode, message: string, broker: string): ConnectionError {
  return new ConnectionError(code, message, { broker });
}

function asError(error: unknown, broker: string): Error {
  return KafkaRxError.is(error) ? error : new ConnectionError('CONNECTION_FAILED', `no connection to ${broker}`, { broker, cause: error });
}

function fail(error: Error): Observable<never> {
  return throwError(() => error);
}

/** Not inside `subscribe`: a loop that asks again on each error would re-enter itself. */
function failLater(error: Error, scheduler: SchedulerLike): Observable<never> {
  return timer(0, scheduler).pipe(mergeMap(() => fail(error)));
}
