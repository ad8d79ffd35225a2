import type { OperatorFunction } from 'rxjs';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import type { Emitted, Handler, ProcessOptions } from './handler.ts';
import { process } from './internal/process.ts';

/**
 * Calls a handler for each record: within a partition one after another, the partitions side by side. Each record is acked when its
 * handler is done.
 *
 * Kafka promises order within a partition and nothing between partitions; this operator keeps that promise through asynchronous work.
 * It is `concatMap` where Kafka needs it and `mergeMap` elsewhere, but nothing queues: while a handler runs the operator holds a `pause()`,
 * so that at most one record per partition is delivered and un-acked, and a drain lasts one handler, not one window.
 *
 * ```
 * p            a---------b------|      b is delivered when a is done
 * q            --x-----y---------
 *                processRecords(handler)
 * handler(a)   ---A--|
 * handler(x)     ----X|
 *              ---A--X-----…           a is acked at the end of handler(a)
 * ```
 *
 * `handler`: may return a value, a promise or an Observable, and nothing else is followed: a string, an array, an iterable is a value.
 * Values are emitted in the order of the partition, `undefined` is not. A handler that only computes costs no promise and no
 * subscription. `context.attempt` counts the tries since the partition's last ack, `context.signal` aborts when the work no longer
 * counts. What a handler fails with after its partition's `signal` has aborted is dropped: the record is somebody else's by then.
 *
 * `options.concurrency`: how many handlers may be in flight over all partitions; default Infinity. Partitions take turns.
 *
 * `options.restart`: what to do about a failed partition, be it a failed handler or an error of its stream. It starts again at its first
 * un-acked record when the returned Observable (or promise) emits, never synchronously; until then the operator holds a `pause()` on it.
 * Completing without a value, or erroring, ends the consumer with the original error. So does a failure without `restart`.
 *
 * Before an error is let out nothing more is started, and the handlers that run are given `drainTimeout` (of the consumer's options;
 * 30,000 ms where the streams were not made by `fromKafka`) to settle: their values still come and their records are acked. What is not
 * settled then has its `signal` aborted. So a `retry` below does not overlap with what it replaces.
 *
 * Unsubscribing unsubscribes the Observables of running handlers and aborts their `signal`; what a promise brings later is ignored.
 *
 * ```ts
 * fromKafka(kafka, { groupId: 'billing', topics: ['orders'] })
 *   .pipe(
 *     processRecords((record) => bill(JSON.parse(String(record.value))), {
 *       concurrency: 20,
 *       restart: (error, attempt) => (attempt < 5 ? timer(1_000 * 2 ** attempt) : throwError(() => error)),
 *     }),
 *   )
 *   .subscribe({ error: (error) => console.error(error) });
 * ```
 *
 * Throws OptionsError at once for a handler that is no function or options that cannot be used.
 */
export function processRecords<R>(
  handler: Handler<KafkaRecord, R>,
  options: ProcessOptions = {},
): OperatorFunction<PartitionStream, Emitted<R>> {
  return process((partition) => partition, handler, options);
}
