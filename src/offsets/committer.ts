import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  finalize,
  ignoreElements,
  repeat,
  retry,
  startWith,
  take,
  throwError,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { CommitFailedError, KafkaRxError } from '../errors/index.ts';
import type { Cursor } from '../table/cursor.ts';
import { SLOW_CLOCK, whenDue } from '../table/due.ts';
import type { Wake } from '../table/wake.ts';
import { entriesOf, type Entry } from './commit.ts';
import { isDue, untilCommit, type CommitPace } from './commitPace.ts';
import { createCommitRounds, isRetriable, type Committing, type CommitRounds } from './commitRounds.ts';

/**
 * A broker forgets the offsets of a group that has no members a week after each was committed, or sooner: `offsets.retention.minutes`. So they
 * are committed again twice a day, though nothing has changed: ms.
 */
const KEPT = 12 * 3_600_000;

export interface Committer {
  /** Commits by interval and by count for as long as it is subscribed. Errors only where no commit can ever succeed. */
  readonly running: Observable<never>;
  /** Commits all partitions, or those given, until `done` holds or there is nothing to commit, and completes. Errors with CommitFailedError where trying again does not help. */
  flush(done: () => boolean, cursors?: () => Iterable<Cursor>): Observable<never>;
  /** Completes when whoever has asked for a commit has had an end of it, however it ended, also after trying again; at once where nobody has. */
  readonly idle: Observable<never>;
}

/** Keeps the group's coordinator told of what may be committed. At most one OffsetCommit is under way; each is made anew from the table. */
export function createCommitter(committing: Committing): Committer {
  const { context, table, interval } = committing;
  const { scheduler } = context;
  const rounds = createCommitRounds(committing);

  const all = (): Iterable<Cursor> => table.cursors.values();
  const kept = committing.asMember ? Infinity : KEPT;
  const outside = (): boolean => committing.asMember && table.membership === undefined;
  const wait = (): number =>
    outside() ? SLOW_CLOCK : untilCommit(rounds.pace, all(), { interval, every: table.commitEvery, kept }, scheduler.now());
  const due = (cursor: Cursor): boolean => isDue(cursor, kept, scheduler.now());

  // Who asks while a commit is under way waits for its end, however it ends, and then looks whether it was enough. Each further commit is made
  // from what the table says by then.
  const flush = (done: () => boolean, cursors = all, again = false): Observable<never> =>
    defer(() => {
      const dirty = entriesOf(cursors());
      if (done() || outside()) return EMPTY;
      const contested = [...cursors()].some((cursor) => cursor.contested && cursor.owing);
      if (dirty.length === 0) return contested ? concat(pause(context.backoff.initial, scheduler), flush(done, cursors, again)) : EMPTY;
      const joined = rounds.underWay;
      const left = again && joined === undefined ? untilOneIsDue(dirty, rounds.pace) - scheduler.now() : 0;
      const round = left > 0 ? pause(left, scheduler) : (joined ?? rounds.begin(cursors, again ? due : undefined));
      return concat(
        round.pipe(catchError((error: unknown) => afterFailure(error, done() || joined !== undefined))),
        flush(done, cursors, true),
      );
    });

  const ready = (): Observable<unknown> => whenDue(table.line, wait, scheduler);
  const running = defer(() => (wait() === 0 ? (rounds.underWay ?? rounds.begin(all, due)) : EMPTY)).pipe(
    repeat({ delay: ready }),
    retry({ delay: (error: unknown) => (isFatal(error) ? throwError(() => causeOf(error)) : ready()) }),
  );
  return { running, ...counted(flush, rounds, table.line) };
}

/** The same, and when nobody waits for any of it: who waits may be in the back-off before the next try. */
function counted(flush: Committer['flush'], rounds: CommitRounds, line: Wake): Pick<Committer, 'flush' | 'idle'> {
  let asking = 0;
  return {
    flush: (done, cursors) =>
      defer(() => {
        asking++;
        return flush(done, cursors);
      }).pipe(
        finalize(() => {
          asking--;
          line.wake();
        }),
      ),
    idle: line.wakes.pipe(
      startWith(undefined),
      filter(() => asking === 0 && rounds.underWay === undefined),
      take(1),
      ignoreElements(),
    ),
  };
}

/** A flush goes on after what may succeed later, and after what another's commit met; else it is over. */
function afterFailure(error: unknown, isOthers: boolean): Observable<never> {
  return isOthers || isRetriable(error) ? EMPTY : throwError(() => error);
}

/** When the first of these may be tried again, ms on the scheduler's clock. */
function untilOneIsDue(entries: readonly Entry[], { notBefore }: CommitPace): number {
  return Math.max(notBefore, Math.min(...entries.map(({ cursor }) => cursor.commits.notBefore)));
}

function pause(ms: number, scheduler: SchedulerLike): Observable<never> {
  return timer(Math.max(1, ms), scheduler).pipe(ignoreElements());
}

/** No commit of this consumer can ever succeed. Anything else is told as an event, and tried again. */
function isFatal(error: unknown): boolean {
  const cause = causeOf(error);
  return !KafkaRxError.is(cause) || cause.code === 'GROUP_AUTHORIZATION_FAILED';
}

function causeOf(error: unknown): unknown {
  return error instanceof CommitFailedError ? error.cause : error;
}
