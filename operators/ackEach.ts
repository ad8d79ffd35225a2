import { Observable, takeUntil, type OperatorFunction } from 'rxjs';
import { OptionsError } from '../src/errors/index.ts';
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
          if (isAckable(item)) item.ack();
          else out.error(notAckable());
        },
        error: (error: unknown) => out.error(error),
        complete: () => out.complete(),
      }),
    );
}

/** A throw inside of `next` would go past `error`, and end the process. */
function isAckable(item: unknown): item is { ack(): void } {
  return typeof item === 'object' && item !== null && 'ack' in item && typeof item.ack === 'function';
}

function notAckable(): OptionsError {
  const allowed = 'records, batches, or what has kept their ack()';
  const words = `ackEach: what arrives has no ack(); allowed are ${allowed}. Behind bufferCount and the like ack each of them by itself`;
  return new OptionsError(words, [{ path: 'ackEach', given: 'something without ack()', allowed }]);
}
