import { concat, defer, EMPTY, ignoreElements, timer, type Observable, type SchedulerLike } from 'rxjs';
import { backoffDelay, type Backoff } from '../cluster/backoff.ts';

/** How the consumers of one source and group came to their ends. */
interface Ending {
  /** Completes when the last one has settled. */
  settled: Observable<unknown>;
  /** In a row: consumers that ended without anything having moved. */
  futile: number;
  /** When the last one ended, ms on its scheduler's clock. */
  at: number;
}

/**
 * Consumers whose subscription is over, and who still commit and leave. The only thing here that outlives a subscription: the next
 * consumer of the same source and group waits for it, so that it is given what was committed and not what is about to be.
 */
const endings = new WeakMap<object, Map<string, Ending>>();

/** Starts the end of a consumer, which goes on though its subscription is over. `settled` replays. `moved`: whether it got anywhere. */
export function startClosing(source: object, key: string, settled: Observable<unknown>, moved: boolean, now: number): void {
  const ofSource = endings.get(source) ?? new Map<string, Ending>();
  endings.set(source, ofSource);
  const ending: Ending = { settled, futile: moved ? 0 : (ofSource.get(key)?.futile ?? 0) + 1, at: now };
  ofSource.set(key, ending);
  settled.subscribe({
    complete: () => {
      ending.settled = EMPTY;
    },
    error: () => {
      ending.settled = EMPTY;
    },
  });
}

/** Completes when the one before has ended and, where nothing moved since the last, its back-off is over. */
export function afterClosing(
  source: object,
  key: string,
  backoff: Backoff,
  scheduler: SchedulerLike,
  random: () => number,
): Observable<never> {
  return defer(() => {
    const ending = endings.get(source)?.get(key);
    if (ending === undefined) return EMPTY;
    const wait = ending.at + backoffDelay(backoff, ending.futile, random) - scheduler.now();
    return concat(ending.settled, wait > 0 ? timer(wait, scheduler) : EMPTY).pipe(ignoreElements());
  });
}
