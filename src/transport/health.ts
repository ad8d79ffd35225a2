import type { SchedulerLike } from 'rxjs';

/** How connecting to one broker went of late. A value. */
export interface Health {
  /** Failures in a row. */
  readonly failures: number;
  /** When the last one was; ms on the scheduler's clock. */
  readonly failedAt: number;
  /** Not before then is it tried again; ms on the scheduler's clock. */
  readonly notBefore: number;
  readonly error: Error | undefined;
}

export const healthy: Health = { failures: 0, failedAt: -Infinity, notBefore: -Infinity, error: undefined };

/**
 * After an attempt that was begun at `begun` and failed at `now`.
 *
 * An attempt begun before the last failure tells nothing new: several connections to one broker fail together and count as one failure.
 */
export function afterFailure(health: Health, error: Error, begun: number, now: number, delay: (failures: number) => number): Health {
  if (begun < health.failedAt) return { ...health, error };
  const failures = health.failures + 1;
  return { failures, failedAt: now, notBefore: now + delay(failures), error };
}

/** Why not to try now; undefined: try. */
export function refusal(health: Health, now: number): Error | undefined {
  return now < health.notBefore ? health.error : undefined;
}

/** One broker's health, shared by all links to it: while it backs off, attempts to connect fail at once with the error of the last one. */
export interface Gate {
  readonly health: Health;
  refusal(): Error | undefined;
  failed(error: Error, begun: number): void;
  succeeded(): void;
}

/** `delay`: how long to back off after that many failures in a row, in ms. */
export function createGate(scheduler: SchedulerLike, delay: (failures: number) => number): Gate {
  let health = healthy;
  return {
    get health() {
      return health;
    },
    refusal: () => refusal(health, scheduler.now()),
    failed: (error, begun) => {
      health = afterFailure(health, error, begun, scheduler.now(), delay);
    },
    succeeded: () => {
      health = healthy;
    },
  };
}
