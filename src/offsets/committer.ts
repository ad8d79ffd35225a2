import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  repeat,
  retry,
  throwError,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { CommitFailedError, KafkaRxError } from '../errors/index.ts';
import type { Cursor } from '../table/cursor.ts';
import { SLOW_CLOCK, whenDue } from '../table/due.ts';
import { entriesOf } from './commit.ts';
import { untilCommit } from './commitPace.ts';
import { createCommitRounds, isRetriable, type Committing } from './commitRounds.ts';

export interface Committer {
  /** Commits by interval and by count for as long as it is subscribed. Errors only where no commit can ever succeed. */
  readonly running: Observable<never>;
  /** Commits all partitions, or those given, until `done` holds or there is nothing to commit, and completes. Errors with CommitFailedError where trying again does not help. */
  flush(done: () => boolean, cursors?: () => Iterable<Cursor>): Observable<never>;
}

/** Keeps the group's coordinator told of what may be committed. At most one OffsetCommit is under way; each is made anew from the table. */
export function createCommitter(committing: Committing): Committer {
  const { context, table, interval } = committing;
  const { scheduler } = context;
  const rounds = createCommitRounds(committing);

  const all = (): Iterable<Cursor> => table.cursors.values();
  const outside = (): boolean => committing.asMember && table.membership === undefined;
  const wait = (): number =>
    outside() ? SLOW_CLOCK : untilCommit(rounds.pace, all(), { interval, every: table.commitEvery }, scheduler.now());

  // Who asks while a commit is under way waits for its end, however it ends, and then looks whether it was enough. Each further commit is made
  // from what the table says by then.
  const flush = (done: () => boolean, cursors = all): Observable<never> =>
    defer(() => {
      if (done() || outside() || entriesOf(cursors()).length === 0) return EMPTY;
      const joined = rounds.underWay !== undefined;
      const round = (rounds.underWay ?? rounds.begin(cursors)).pipe(
        catchError((error: unknown) =>
          afterFailure(error, done() || (joined && !isRetriable(error)), rounds.pace.notBefore - scheduler.now(), scheduler),
        ),
      );
      return concat(round, flush(done, cursors));
    });

  const ready = (): Observable<unknown> => whenDue(table.line, wait, scheduler);
  const running = defer(() => (wait() === 0 ? (rounds.underWay ?? rounds.begin(all)) : EMPTY)).pipe(
    repeat({ delay: ready }),
    retry({ delay: (error: unknown) => (isFatal(error) ? throwError(() => causeOf(error)) : ready()) }),
  );
  return { running, flush };
}

/** A flush that was refused is over if it is done all the same, or if trying again does not help; else it goes on after the back-off. */
function afterFailure(error: unknown, done: boolean, delay: number, scheduler: SchedulerLike): Observable<never> {
  if (done) return EMPTY;
  return isRetriable(error) ? timer(Math.max(1, delay), scheduler).pipe(ignoreElements()) : throwError(() => error);
}

/** No commit of this consumer can ever succeed. Anything else is told as an event, and tried again. */
function isFatal(error: unknown): boolean {
  const cause = causeOf(error);
  return !KafkaRxError.is(cause) || cause.code === 'GROUP_AUTHORIZATION_FAILED';
}

function causeOf(error: unknown): unknown {
  return error instanceof CommitFailedError ? error.cause : error;
}
