import type { Cursor } from '../table/cursor.ts';
import { due } from '../table/due.ts';
import type { Row } from '../table/row.ts';

/** What to ask a broker for now, or how long to wait. `wait` is 0 exactly when `fetch` is not empty. */
export interface Plan {
  readonly fetch: readonly Cursor[];
  /** Milliseconds. */
  readonly wait: number;
}

/**
 * The whole policy of fetching, from what stands in the table: subscribed, working, with room in its slice, not asked for already,
 * not backing off, and not in doubt. Who got records last comes last, so that a busy partition does not use up every answer. Pure.
 */
export function plan(row: Row, served: readonly Cursor[], now: number): Plan {
  const hungry = served.filter((cursor) => cursor.room > 0 && cursor.route.doubt === undefined);
  const { cursors, wait } = due(hungry, now, row.notBefore);
  return { fetch: [...cursors].sort((a, b) => a.route.served - b.route.served), wait };
}
