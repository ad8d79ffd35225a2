import { setTimeout as sleep } from 'node:timers/promises';

export interface Patience {
  /** What is waited for, in words. */
  readonly what: string;
  /** Milliseconds. 10,000. */
  readonly deadline?: number;
  /** Milliseconds between two looks. 50. */
  readonly every?: number;
}

/**
 * Looks again and again until `check` neither throws nor gives `false`, and resolves with what it gave.
 * Rejects after the deadline with what it said last.
 */
export async function eventually<T>(check: () => T | PromiseLike<T>, { what, deadline = 10_000, every = 50 }: Patience): Promise<T> {
  const end = performance.now() + deadline;
  for (;;) {
    let reason: unknown;
    try {
      const value = await check();
      if (value !== false) return value;
      reason = new Error('it was false');
    } catch (error) {
      reason = error;
    }
    if (performance.now() >= end) {
      throw new Error(`not within ${deadline} ms: ${what}: ${reason instanceof Error ? reason.message : String(reason)}`, {
        cause: reason,
      });
    }
    await sleep(every);
  }
}
