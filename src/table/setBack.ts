import { backoffDelay } from '../cluster/backoff.ts';
import type { Context } from '../cluster/context.ts';
import { asError } from '../cluster/thrown.ts';
import type { Cursor } from './cursor.ts';

/** Asking for this partition failed: it is free again, and is not asked for before its back-off is over. Tells of it. */
export function setBack({ topic, partition, route }: Cursor, api: string, cause: unknown, context: Context): void {
  const delay = backoffDelay(context.backoff, route.failures + 1, context.random);
  route.release();
  route.failed(context.scheduler.now() + delay);
  context.tell({ kind: 'retryScheduled', api, topic, partition, attempt: route.failures, delay, error: asError(cause) });
}
