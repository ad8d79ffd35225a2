import { Observable, takeUntil, type OperatorFunction } from 'rxjs';
import { gone } from './internal/gone.ts';

/**
 * Passes each item on, then acks it.
 *
 * What stands above is done with the item when it arrives here: put this operator below the work. What stands below has seen the item
 * before it is acked, whatever it makes of it: an item is acked as well if it is the one that ends the subscription.
 *
 * ```
 * source   --a--b--c--|
 *              ackEach()
 *          --a--b--c--|
 *            ↑  ↑  ↑       a.ack() after a was passed on, …
 * ```
 *
 * It takes one stream of anything that can be acked: a partition's records, its batches, or what an operator made of them as long as it
 * kept the `ack`. Operators that queue (`concatMap`) let up to `window.records` wait between Kafka and here: size the window as rate ×
 * deadline, or use `processRecords`.
 *
 * ```ts
 * fromKafka(kafka, { groupId: 'billing', topics: ['orders'] })
 *   .pipe(eachPartition((partition) => partition.pipe(concatMap((record) => save(record).pipe(map(() => record))), ackEach())))
 *   .subscribe();
 * ```
 */
export function ackEach<T extends { ack(): void }>(): OperatorFunction<T, T> {
  return (source) =>
    new Observable<T>((out) =>
      source.pipe(takeUntil(gone(out))).subscribe({
        next: (item) => {
          out.next(item);
          item.ack();
        },
        error: (error: unknown) => out.error(error),
        complete: () => out.complete(),
      }),
    );
}
