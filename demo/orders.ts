import type { Kafka } from 'kafkajs';
import { concatMap, defer, finalize, from, ignoreElements, map, merge, range, switchMap, take, timer, type Observable } from 'rxjs';

export interface Order {
  readonly id: number;
  readonly customer: string;
  readonly cents: number;
}

const perBatch = 10;
/** So many are there at once, for the members to catch up with. */
const backlog = 200;

/** Writes `count` orders, keyed by customer: half of them at once, then ten every quarter of a second. Completes when the last one is written. */
export function produceOrders(kafka: Kafka, topic: string, count: number): Observable<never> {
  return defer(() => {
    const producer = kafka.producer();
    return from(producer.connect()).pipe(
      switchMap(() => merge(range(0, backlog / perBatch), timer(0, 250).pipe(map((batch) => batch + backlog / perBatch)))),
      take(Math.ceil(count / perBatch)),
      concatMap((batch) =>
        producer.send({ topic, messages: Array.from({ length: perBatch }, (_, index) => message(batch * perBatch + index)) }),
      ),
      ignoreElements(),
      finalize(() => void producer.disconnect()),
    );
  });
}

function message(id: number): { key: string; value: string } {
  const order: Order = { id, customer: `customer ${String((id * 7) % 23)}`, cents: 500 + ((id * 137) % 9_500) };
  return { key: order.customer, value: JSON.stringify(order) };
}
