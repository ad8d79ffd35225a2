import {
  catchError,
  concatWith,
  defer,
  map,
  merge,
  mergeMap,
  NEVER,
  of,
  ReplaySubject,
  share,
  Subject,
  take,
  tap,
  throwError,
  timeout,
  timer,
} from 'rxjs';
import type { Observable, SchedulerLike } from 'rxjs';
import { ConnectionError, KafkaRxError } from '../errors/index.ts';
import { guarded } from './guard.ts';
import type { Gate } from './health.ts';
import type { Connection } from './port.ts';
import { createUses, renewal } from './renewal.ts';

export interface OpeningOptions {
  /** `host:port`. */
  readonly broker: string;
  readonly connect: () => Observable<Connection>;
  readonly scheduler: SchedulerLike;
  /** Milliseconds that one attempt to connect may take. */
  readonly connectTimeout: number;
  /** Says when it may be tried, and is told how that went. */
  readonly gate?: Gate | undefined;
  /** A connection is open. Must not throw. */
  readonly opened?: ((connection: Connection) => void) | undefined;
  /** It is gone; without an error: we closed it. Follows each `opened`, once. Must not throw. */
  readonly closed?: ((error?: Error) => void) | undefined;
}

/** One connection that is open now. */
export interface Opening {
  /** What is sent through it counts as under way until it ends: a connection that is to be renewed stays open for it. */
  use<T>(send: (connection: Connection) => Observable<T>): Observable<T>;
  /** The broker answered something on it. */
  answered(): void;
  /** Closes this connection, and no other: it may have been replaced since. */
  drop(why: string): void;
}

export interface Openings {
  /** Milliseconds until there is or may be an attempt; Infinity: as soon as somebody else's attempt at this broker has an outcome. */
  wait(): number;
  /**
   * Emits once, as soon as `current` may be used, which has to follow inside of `next`: at once where a connection is open or being opened, else
   * when the broker does not back off any more, or the link is closed. Errors where an attempt that others make meanwhile fails.
   */
  readonly admitted: Observable<unknown>;
  /** The open connection, or the next: users that come while one is being opened share the attempt. A user that leaves takes nothing along. */
  readonly current: Observable<Opening>;
  /** Closes what is open, for ever: users from then on get a ConnectionError. */
  close(): void;
}

/** Keeps one connection open from its first user on, and opens another for the first user after it was lost or has to be renewed. */
export function createOpenings(options: OpeningOptions): Openings {
  const { broker, scheduler, gate } = options;
  const closing = new Subject<Error>();
  let closed: Error | undefined;
  let present: Observable<Opening> | undefined;
  const another = (): Observable<Opening> => {
    // Forgotten before the error goes out: who asks again on hearing of it starts a new attempt.
    const forget = (): void => {
      if (present === shared) present = undefined;
    };
    const shared = (closed === undefined ? open(options, closing, forget) : failLater(closed, scheduler)).pipe(
      tap({ error: forget }),
      share({ connector: () => new ReplaySubject<Opening>(1), resetOnError: false, resetOnComplete: false, resetOnRefCountZero: false }),
    );
    return shared;
  };
  const isFree = (): boolean => present !== undefined || closed !== undefined || gate === undefined;
  return {
    wait: () => (isFree() ? 0 : (gate?.wait() ?? 0)),
    admitted: defer(() => (gate === undefined || isFree() ? of(undefined) : merge(closing, gate.open).pipe(take(1)))),
    current: defer(() => (present ??= another())),
    close: () => {
      if (closed !== undefined) return;
      closed = lost(broker, 'is closed');
      closing.next(closed);
    },
  };
}

/** One attempt to connect, which is to be subscribed at once, and the life of what it opened. `retired`: it is not for new users any more. */
function open(options: OpeningOptions, closing: Observable<Error>, retired: () => void): Observable<Opening> {
  const { broker, scheduler } = options;
  const attempt = options.gate?.begin();
  const dropped = new Subject<Error>();
  let isOpen = false;
  let ours: Error | undefined;
  const uses = createUses();
  const opening = (connection: Connection): Opening => ({
    use: (send) => uses.count(send(connection)),
    answered: () => attempt?.answered(),
    drop: (why) => dropped.next(lost(broker, `was dropped: ${why}`)),
  });
  const ended = (error: Error): void => {
    retired();
    if (error === ours) attempt?.abandoned();
    else attempt?.ended(error);
    if (isOpen) options.closed?.(error === ours ? undefined : error);
  };
  const over = (): void => {
    ours = lost(broker, 'is closed: its session ends');
    dropped.next(ours);
  };
  const life = connecting(options).pipe(
    tap((connection) => {
      isOpen = true;
      attempt?.connected();
      options.opened?.(connection);
    }),
    mergeMap((connection) => merge(of(opening(connection)), renewal(connection, { retired, uses, over, scheduler }))),
    // Every end goes the way of `drop`. The error of the connection itself would come too late: `catchError` and the like let go of their source
    // first; that fails what is pending on it, and one of those who asks again at once would be given the connection that is just dying.
    catchError((error: unknown) => {
      dropped.next(asError(error, broker));
      return NEVER;
    }),
  );
  const closed = closing.pipe(tap((error) => (ours = error)));
  const end = merge(dropped, closed).pipe(mergeMap((error) => (!isOpen && error !== ours ? failLater(error, scheduler) : fail(error))));
  // `end` is subscribed first: whoever is told of the connection may close it at once.
  return merge(end, life).pipe(tap({ error: ended }));
}

/** The connection, until it errors: it never completes. */
function connecting({ broker, connect, connectTimeout, scheduler }: OpeningOptions): Observable<Connection> {
  const tooLate = (): Error =>
    new ConnectionError('CONNECTION_FAILED', `no connection to ${broker} within ${String(connectTimeout)} ms`, { broker });
  return defer(connect).pipe(
    concatWith(defer(() => fail(lost(broker, 'ended')))),
    timeout({ first: connectTimeout, scheduler, with: () => fail(tooLate()) }),
    map(guarded),
  );
}

function lost(broker: string, why: string): ConnectionError {
  return new ConnectionError('CONNECTION_LOST', `the connection to ${broker} ${why}`, { broker });
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
