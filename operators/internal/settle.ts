import { defer, ignoreElements, merge, take, tap, throwIfEmpty, timer, type Observable } from 'rxjs';
import type { Crew } from './crew.ts';
import type { Lane } from './lane.ts';

/**
 * Lets an error out of the operator: nothing more is started, what runs may settle, and then it errors.
 *
 * Asked for twice, as when another partition fails while this waits, it is the first error that comes out, at the first deadline.
 */
export function letOut(crew: Crew, error: unknown): Observable<never> {
  return defer(() => {
    const verdict = crew.end(error);
    const { scheduler } = crew.patience;
    const left = timer(Math.max(0, verdict.deadline - scheduler.now()), scheduler).pipe(tap(() => crew.abort()));
    return merge(
      crew.when(() => crew.idle),
      left,
    ).pipe(thenFail(verdict.error));
  });
}

/** The stream of a partition that is to be restarted has failed: the error goes on when the handler that runs there has settled. */
export function afterHandler(crew: Crew, lane: Lane, error: unknown): Observable<never> {
  const { drainTimeout, scheduler } = lane.patience;
  return merge(
    crew.when(() => !lane.busy),
    timer(drainTimeout, scheduler),
  ).pipe(thenFail(error));
}

function thenFail(error: unknown): (moment: Observable<unknown>) => Observable<never> {
  return (moment) =>
    moment.pipe(
      take(1),
      ignoreElements(),
      throwIfEmpty(() => error),
    );
}
