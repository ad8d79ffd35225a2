import type { Observable, ObservableInput } from 'rxjs';
import type { PartitionStream } from '../src/model/partitionStream.ts';

/** What a handler is told about its call. */
export interface HandlerContext {
  /** 1 for the first try; one more for each failure of this partition since its last ack. */
  readonly attempt: number;
  /**
   * Aborts when the work no longer counts: with the partition's own `signal`, when the operator is unsubscribed, and when `drainTimeout`
   * is over while an error waits for this handler. One signal for all items of a subscription: a listener that is added for an item should
   * be removed with it, as `fetch` and the timers of Node do.
   */
  readonly signal: AbortSignal;
}

/**
 * What is done with an item.
 *
 * Only Observables and thenables are followed: a string, an array, an iterable is a value. The values are emitted, except for `undefined`;
 * once the handler is complete its item is acked. A handler that throws has failed.
 */
export type Handler<T, R> = (item: T, context: HandlerContext) => Observable<R> | PromiseLike<R> | R;

/** The values of a handler that are emitted: all but `undefined`. */
export type Emitted<R> = Exclude<R, undefined | void>;

export interface ProcessOptions {
  /** Handlers in flight over all partitions: an integer of at least 1, or Infinity (the default). Within a partition it is one at a time. */
  readonly concurrency?: number;
  /**
   * A failed partition starts again at its first un-acked record when this emits; the others do not notice. `attempt` counts from 1 since
   * the last ack. When it completes without a value, errors or throws, the consumer ends with the original error.
   * Default: the error ends the consumer.
   */
  readonly restart?: (error: unknown, attempt: number, partition: PartitionStream) => ObservableInput<unknown>;
}
