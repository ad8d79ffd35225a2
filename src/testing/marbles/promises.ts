import { createHook } from 'node:async_hooks';

const HINT = 'a promise was pending at the end of a synchronous run: use runMarblesAsync';

/**
 * Runs `work`, and throws if a promise of it is pending then, or somebody waits for one: what waits for a promise goes on only after a synchronous
 * run is over, so that the run has seen nothing of it.
 */
export function withoutPromises<T>(work: () => T): T {
  const watch = watchPromises();
  let result: T;
  try {
    result = work();
  } catch (cause) {
    if (watch.end()) throw new Error(HINT, { cause });
    throw cause;
  }
  if (watch.end()) throw new Error(HINT);
  return result;
}

/** `end` says whether something waits: an async function that has not come to its end, or who has called `then`. */
function watchPromises(): { end(): boolean } {
  const pending = new Set<number>();
  const hook = createHook({
    init: (id, type) => {
      if (type === 'PROMISE') pending.add(id);
    },
    promiseResolve: (id) => {
      pending.delete(id);
    },
  });
  const plain = Object.getOwnPropertyDescriptor(Promise.prototype, 'then') ?? {};
  const then = plain.value as (this: unknown, ...args: unknown[]) => unknown;
  let waiting = 0;
  const value = function counted(this: unknown, ...args: unknown[]): unknown {
    waiting++;
    return then.apply(this, args);
  };
  hook.enable();
  void Object.defineProperty(Promise.prototype, 'then', { ...plain, value });
  return {
    end: () => {
      hook.disable();
      void Object.defineProperty(Promise.prototype, 'then', plain);
      return waiting + pending.size > 0;
    },
  };
}
