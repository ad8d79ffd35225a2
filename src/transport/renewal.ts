import {
  BehaviorSubject,
  defer,
  EMPTY,
  filter,
  finalize,
  ignoreElements,
  switchMap,
  take,
  tap,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import type { Connection } from './port.ts';

/** The part of a session after which its connection is not given to new users any more. Kafka's Java client takes 85 to 95 %. */
const PART = 0.85;

/** A longer timer fires at once in Node. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** What is under way on one connection. */
export interface Uses {
  /** Counts as long as it is subscribed. */
  count<T>(source: Observable<T>): Observable<T>;
  /** Emits when nothing is under way: now, if it is so, and then each time. */
  readonly none: Observable<unknown>;
}

export function createUses(): Uses {
  const underWay = new BehaviorSubject(0);
  return {
    count: (source) =>
      defer(() => {
        underWay.next(underWay.value + 1);
        return source.pipe(finalize(() => underWay.next(underWay.value - 1)));
      }),
    none: underWay.pipe(filter((count) => count === 0)),
  };
}

export interface Renewal {
  /** New users are to be given another connection from now on. */
  readonly retired: () => void;
  readonly uses: Uses;
  /** Nothing is under way any more: it is to be closed. */
  readonly over: () => void;
  readonly scheduler: SchedulerLike;
}

/**
 * Sees to it that a connection is replaced before its session ends (KIP-368).
 *
 * The broker hangs up on the first request after the end. So nothing new is sent on it from some time before, and what was sent before is waited
 * for: the answer to a request that was taken in time is given after the end as well.
 */
export function renewal({ sessionLifetime }: Connection, { retired, uses, over, scheduler }: Renewal): Observable<never> {
  if (sessionLifetime === undefined) return EMPTY;
  return timer(Math.min(sessionLifetime * PART, LONGEST_TIMER), scheduler).pipe(
    tap(retired),
    switchMap(() => uses.none),
    take(1),
    tap(over),
    ignoreElements(),
  );
}
