import { concatMap, ignoreElements, map, merge, range, take, timer, type Observable } from 'rxjs';
import type { Stage, Written } from './stage.ts';

export interface Order {
  readonly id: number;
  readonly customer: string;
  readonly cents: number;
}

const perBatch = 10;
/** So many are there at once, for the members to catch up with. */
const backlog = 200;

/** Writes `count` orders, keyed by customer: half of them at once, then ten every quarter of a second. Completes when the last one is written. */
export function produceOrders(stage: Stage, topic: string, count: number): Observable<never> {
  return merge(range(0, backlog / perBatch), timer(0, 250).pipe(map((batch) => batch + backlog / perBatch))).pipe(
    take(Math.ceil(count / perBatch)),
    concatMap((batch) =>
      stage.send(
        topic,
        Array.from({ length: perBatch }, (_, index) => message(batch * perBatch + index)),
      ),
    ),
    ignoreElements(),
  );
}

function message(id: number): Written {
  const order: Order = { id, customer: `customer ${String((id * 7) % 23)}`, cents: 500 + ((id * 137) % 9_500) };
  return { key: order.customer, value: JSON.stringify(order) };
}
