import { merge, mergeMap, NEVER, of, startWith, Subject, switchMap, take, throwError, timer } from 'rxjs';
import type { Observable, SchedulerLike } from 'rxjs';

/** How connecting to one broker went of late. A value. */
export interface Health {
  /** Failures in a row. */
  readonly failures: number;
  /** When the last one was; ms on the scheduler's clock. */
  readonly failedAt: number;
  /** Not before then is it tried again; ms on the scheduler's clock. */
  readonly notBefore: number;
}

export const healthy: Health = { failures: 0, failedAt: -Infinity, notBefore: -Infinity };

/**
 * After an attempt that was begun at `begun` and failed at `now`.
 *
 * An attempt begun before the last failure tells nothing new: several connections to one broker fail together and count as one failure.
 */
export function afterFailure(health: Health, begun: number, now: number, delay: (failures: number) => number): Health {
  if (begun < health.failedAt) return health;
  const failures = health.failures + 1;
  return { failures, failedAt: now, notBefore: now + delay(failures) };
}

/** One attempt to connect, and what becomes of the connection. After its end nothing that is said of it counts. */
export interface Attempt {
  /** There is a connection. */
  connected(): void;
  /** The broker answered on it. */
  answered(): void;
  /** There was no connection, or it is lost. One that never answered is as good as none: some brokers accept, and then hang or hang up. */
  ended(error: Error): void;
  /** We gave it up. It says nothing about the broker. */
  abandoned(): void;
}

type Stage = 'connecting' | 'connected' | 'answered' | 'failed' | 'lost' | 'abandoned';

/** `moved`: told of each new stage. */
function createAttempt(moved: (to: Stage, from: Stage, error?: Error) => void): Attempt {
  let stage: Stage = 'connecting';
  const move = (to: Stage, error?: Error): void => {
    const from = stage;
    stage = to;
    moved(to, from, error);
  };
  const isOver = (): boolean => stage === 'failed' || stage === 'lost' || stage === 'abandoned';
  return {
    connected: () => {
      if (stage === 'connecting') move('connected');
    },
    answered: () => {
      if (stage !== 'answered' && !isOver()) move('answered');
    },
    ended: (error) => {
      if (!isOver()) move(stage === 'answered' ? 'lost' : 'failed', error);
    },
    abandoned: () => {
      if (!isOver()) move('abandoned');
    },
  };
}

function isOpen(stage: Stage): boolean {
  return stage === 'connected' || stage === 'answered';
}

/**
 * Who may connect to one broker and when: shared by all who do.
 *
 * A broker that is known to be there may be connected to at will. Where that is not known, without a connection and once one was lost, one at a time
 * tries, and after a failure not before the back-off is over. Who comes meanwhile waits, and shares the outcome: were he refused, he would wait
 * for a back-off of his own on top of this one, and come just too early for the next attempt as well.
 */
export interface Gate {
  readonly health: Health;
  /** Milliseconds until somebody may try, Infinity: as soon as the attempt that is under way has an outcome. */
  wait(): number;
  /** Emits once, as soon as it may be tried: `begin` has to follow at once, inside of `next`. Errors with the failure that comes before. */
  readonly open: Observable<unknown>;
  /** `begun`: since when it is under way, ms on the scheduler's clock; now. */
  begin(begun?: number): Attempt;
}

/** `delay`: how long to back off after that many failures in a row, in ms. */
export function createGate(scheduler: SchedulerLike, delay: (failures: number) => number): Gate {
  const changes = new Subject<void>();
  const failures = new Subject<Error | undefined>();
  let health = healthy;
  let connections = 0;
  let isThere = false;
  let probe: Attempt | undefined;

  const wait = (): number => {
    if (isThere) return 0;
    return probe === undefined ? Math.max(0, health.notBefore - scheduler.now()) : Infinity;
  };
  return {
    get health() {
      return health;
    },
    wait,
    open: opening(wait, changes, failures, scheduler),
    begin(begun = scheduler.now()) {
      // What is known is written before anybody hears of it.
      const attempt = createAttempt((to, from, error) => {
        if (probe === attempt) probe = undefined;
        connections += Number(isOpen(to)) - Number(isOpen(from));
        isThere = isOpen(to) || (to === 'abandoned' && isThere && connections > 0);
        if (to === 'answered') health = healthy;
        if (to === 'failed') {
          health = afterFailure(health, begun, scheduler.now(), delay);
          failures.next(error);
        }
        changes.next();
      });
      if (!isThere) probe ??= attempt;
      return attempt;
    },
  };
}

function opening(
  wait: () => number,
  changes: Observable<unknown>,
  failures: Observable<unknown>,
  scheduler: SchedulerLike,
): Observable<unknown> {
  // Looked at again after the wait: of several who waited for the same moment only the first may try.
  const look = (): Observable<unknown> => {
    const ms = wait();
    if (ms === 0) return of(undefined);
    return ms === Infinity ? NEVER : timer(ms, scheduler).pipe(mergeMap(look));
  };
  const failing = failures.pipe(mergeMap((error) => throwError(() => error)));
  return merge(failing, changes.pipe(startWith(undefined), switchMap(look))).pipe(take(1));
}
