import { EMPTY, catchError, defer, delay, from, fromEvent, take, takeUntil, throwIfEmpty, type Observable } from 'rxjs';
import type { ProcessOptions } from '../handler.ts';
import type { Crew } from './crew.ts';
import type { Lane } from './lane.ts';

/**
 * When a failed partition starts again: at the value. An error is the one to end with; completion ends the partition quietly.
 *
 * Never synchronously: a stream that fails whenever it is subscribed, and a `restart` that emits at once, would keep everything else
 * from running. The pause that the lane holds is kept until the new subscription stands, so that the partition is never unattended.
 * Once its `signal` has aborted there is nothing left to start: while it waits it ends quietly, as its records are somebody else's; a
 * stream that errors even then has something to tell.
 */
export function again(crew: Crew, lane: Lane, error: unknown, restart: NonNullable<ProcessOptions['restart']>): Observable<unknown> {
  const { partition, patience, attempt } = lane;
  if (crew.ending || partition.signal.aborted) return EMPTY.pipe(throwIfEmpty(() => error));
  lane.failed();
  return defer(() => from(restart(error, attempt, partition))).pipe(
    take(1),
    delay(0, patience.scheduler),
    catchError(() => EMPTY),
    throwIfEmpty(() => error),
    takeUntil(fromEvent(partition.signal, 'abort')),
  );
}
