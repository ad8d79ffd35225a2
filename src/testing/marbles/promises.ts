/**
 * Runs `work`, and throws if anything in it has begun to wait for a promise: what waits for one goes on only after a synchronous run is over,
 * so that the run would have seen nothing of it.
 */
export function withoutPromises<T>(work: () => T): T {
  const plain = Object.getOwnPropertyDescriptor(Promise.prototype, 'then') ?? {};
  const then = plain.value as (this: unknown, ...args: unknown[]) => unknown;
  let waiting = 0;
  const value = function counted(this: unknown, ...args: unknown[]): unknown {
    waiting++;
    return then.apply(this, args);
  };
  void Object.defineProperty(Promise.prototype, 'then', { ...plain, value });
  const restore = (): void => void Object.defineProperty(Promise.prototype, 'then', plain);
  let result: T;
  try {
    result = work();
  } catch (cause) {
    restore();
    if (waiting > 0) throw new Error(HINT, { cause });
    throw cause;
  }
  restore();
  if (waiting > 0) throw new Error(HINT);
  return result;
}

const HINT = 'a promise was pending at the end of a synchronous run: use runMarblesAsync';
