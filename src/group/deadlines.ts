import type { GroupHost } from './host.ts';

type Timed = Pick<GroupHost, 'context' | 'options'>;

/**
 * When acks are waited for no longer once a rebalance has begun, ms: early enough before the coordinator stops waiting for us, for the last commit
 * and the join. `quietAt`: the rebalance has not begun before that.
 */
export function byTheCoordinator({ options: { rebalanceTimeout } }: Timed, quietAt: number): number {
  return quietAt + rebalanceTimeout - margin(rebalanceTimeout);
}

/** When acks of what an assignment took away are waited for no longer, ms: nobody waits yet, but for those who are to have it. */
export function bySync({ context, options: { rebalanceTimeout } }: Timed): number {
  return context.scheduler.now() + rebalanceTimeout - margin(rebalanceTimeout);
}

/** What is kept of the rebalance timeout for the commit and the join, ms. */
export function margin(rebalanceTimeout: number): number {
  return Math.max(2_000, rebalanceTimeout / 10);
}
