import { map, of, startWith, switchMap, take, timer, type Observable, type SchedulerLike } from 'rxjs';
import type { Cursor } from './cursor.ts';
import type { Wake } from './wake.ts';

/** However still it is, the table is looked at that often: ms. A wake-up that was lost costs no more than this. */
export const SLOW_CLOCK = 1_000;

/** Which partitions can be asked for now, or how long to wait: `wait` is 0 exactly when `cursors` is not empty. */
export interface Due {
  readonly cursors: readonly Cursor[];
  /** Milliseconds. */
  readonly wait: number;
}

/** Those that are not asked for already and do not back off. `notBefore`: nothing at all before this time. Pure. */
export function due(candidates: Iterable<Cursor>, now: number, notBefore = 0): Due {
  if (notBefore > now) return { cursors: [], wait: notBefore - now };
  const cursors: Cursor[] = [];
  let wait = SLOW_CLOCK;
  for (const cursor of candidates) {
    const { route } = cursor;
    if (route.round !== undefined) continue;
    if (route.notBefore > now) wait = Math.min(wait, route.notBefore - now);
    else cursors.push(cursor);
  }
  return { cursors, wait: cursors.length > 0 ? 0 : wait };
}

/** Emits once, as soon as `wait` answers 0: asked at first, whenever the line wakes, and after the time that it answered. */
export function whenDue(line: Wake, wait: () => number, scheduler: SchedulerLike): Observable<unknown> {
  return line.wakes.pipe(
    startWith(undefined),
    map(wait),
    switchMap((ms) => (ms === 0 ? of(0) : timer(Math.min(ms, SLOW_CLOCK), scheduler))),
    take(1),
  );
}
