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

/**
 * How long to wait, in ms: by interval, at once after `every` acks of one partition or a change of position. Acks that came out of order
 * wait for one before them, which nobody announces: then it is looked again after the interval.
 */
export function untilCommit(
  pace: CommitPace,
  cursors: Iterable<Cursor>,
  limits: { readonly interval: number; readonly every: number },
  now: number,
): number {
  const all = [...cursors];
  const dirty = all.filter((cursor) => cursor.dirty);
  if (dirty.length === 0) return all.some((cursor) => cursor.ackedSinceCommit > 0) ? Math.min(SLOW_CLOCK, limits.interval) : SLOW_CLOCK;
  const soon = dirty.some((cursor) => cursor.commitSoon || cursor.ackedSinceCommit >= limits.every);
  return Math.max(0, pace.notBefore - now, soon ? 0 : pace.lastAt + limits.interval - now);
}
