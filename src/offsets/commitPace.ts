import { backoffDelay, type Backoff } from '../cluster/backoff.ts';
import type { Cursor } from '../table/cursor.ts';
import { SLOW_CLOCK } from '../table/due.ts';

/** When the next commit is due. */
export interface CommitPace {
  /** When the last one ended, ms on the scheduler's clock. */
  readonly lastAt: number;
  /** Not before this time. */
  readonly notBefore: number;
  /** In a row. */
  readonly failures: number;
}

export function committedAt(now: number): CommitPace {
  return { lastAt: now, notBefore: 0, failures: 0 };
}

export function commitFailedAt({ failures }: CommitPace, now: number, backoff: Backoff, random: () => number): CommitPace {
  return { lastAt: now, notBefore: now + backoffDelay(backoff, failures + 1, random), failures: failures + 1 };
}

/** When commits are due. */
export interface CommitLimits {
  /** Ms between commits. */
  readonly interval: number;
  /** At once after so many acks of one partition. */
  readonly every: number;
  /** For how long Kafka keeps what is not committed again, ms. */
  readonly kept: number;
}

/**
 * How long to wait, in ms, until the first of these is due: by interval, at once after `every` acks of one partition or a change of position, and
 * again before Kafka forgets it. Acks that came out of order wait for one before them, which nobody announces: then it is looked again after
 * the interval.
 */
export function untilCommit(pace: CommitPace, cursors: Iterable<Cursor>, limits: CommitLimits, now: number): number {
  let wait = Infinity;
  for (const cursor of cursors) wait = Math.min(wait, untilCommitOf(cursor, pace, limits, now));
  return wait === Infinity ? SLOW_CLOCK : wait;
}

function untilCommitOf(cursor: Cursor, pace: CommitPace, { interval, every, kept }: CommitLimits, now: number): number {
  const { dirty, commits, commitSoon, ackedSinceCommit } = cursor;
  const allowed = Math.max(0, pace.notBefore - now, commits.notBefore - now);
  if (dirty) return Math.max(allowed, commitSoon || ackedSinceCommit >= every ? 0 : pace.lastAt + interval - now);
  const again = mayBeKept(cursor) ? Math.max(allowed, commits.knownAt + kept - now) : Infinity;
  return ackedSinceCommit > 0 ? Math.min(again, SLOW_CLOCK, interval) : again;
}

/** Whether a commit may be made of it now, for its own part: there is something to tell, or to tell again, and it does not back off. */
export function isDue(cursor: Cursor, kept: number, now: number): boolean {
  const { dirty, commits } = cursor;
  return commits.notBefore <= now && (dirty || (mayBeKept(cursor) && now >= commits.knownAt + kept));
}

function mayBeKept({ state, contested, committable }: Cursor): boolean {
  return state.kind !== 'released' && !contested && committable !== undefined;
}
