import { concatWith, defer, EMPTY, expand, ignoreElements, NEVER, takeUntil, tap, throwError, timer } from 'rxjs';
import type { MonoTypeOperatorFunction, Observable, SchedulerLike } from 'rxjs';

/** A longer timer fires at once in Node. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Milliseconds. */
export interface Limits {
  /** From subscription to the first value. */
  readonly first: number;
  /** From one value to the next, or to the completion. Nothing: only the first has a limit. */
  readonly each?: number;
}

/**
 * Errors with `late(waited)` when nothing has come for too long.
 *
 * Like `timeout`, without a timer per value: one timer looks now and then at when the last value came. It is never armed for longer than
 * `each`, for a value may move the limit nearer, from a long `first` to a short `each`.
 */
export function deadline<T>(limits: Limits, scheduler: SchedulerLike, late: (waited: number) => Error): MonoTypeOperatorFunction<T> {
  const { first, each = Infinity } = limits;
  return (source) =>
    defer(() => {
      let allowed = first;
      let due = scheduler.now() + first;
      const left = (): number => due - scheduler.now();
      const look = (): Observable<unknown> => {
        const wait = Math.max(0, Math.min(left(), each));
        return wait === Infinity ? NEVER : timer(Math.min(wait, LONGEST_TIMER), scheduler);
      };
      const silence = look().pipe(
        expand(() => (left() > 0 ? look() : EMPTY)),
        ignoreElements(),
        concatWith(throwError(() => late(allowed))),
      );
      return source.pipe(
        tap(() => {
          allowed = each;
          due = scheduler.now() + each;
        }),
        takeUntil(silence),
      );
    });
}
