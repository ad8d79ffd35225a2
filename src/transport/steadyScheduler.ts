import { asyncScheduler, type SchedulerLike } from 'rxjs';

let last = 0;
let skipped = 0;

/** The time of day; where somebody sets the clock back, the time from then on goes on where it was. */
function now(): number {
  const told = asyncScheduler.now();
  if (told < last) skipped += last - told;
  last = told;
  return told + skipped;
}

/**
 * `asyncScheduler` with a clock that never goes back.
 *
 * Every wait of a consumer is a time that it is not to act before. A clock that is set back by an hour would add an hour to each of them,
 * without a word. Steps forward are kept: after a suspend the session is over. One for all, since pauses and reading share a budget by it.
 */
export const steadyScheduler: SchedulerLike = { now, schedule: asyncScheduler.schedule.bind(asyncScheduler) };
