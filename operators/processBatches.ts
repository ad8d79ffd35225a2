import type { OperatorFunction } from 'rxjs';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { RecordBatch } from '../src/model/record.ts';
import type { Emitted, Handler, ProcessOptions } from './handler.ts';
import { process } from './internal/process.ts';

/**
 * Calls a handler for each batch of records: within a partition one after another, the partitions side by side. All records of a batch
 * are acked when its handler is done.
 *
 * It is `processRecords` with a batch of the log in place of a record: for work that is cheaper in bulk, or at rates where a call per
 * record counts. At most one batch per partition is delivered and un-acked.
 *
 * ```
 * p.batches    a---------b------|      a: records 0 to 99, b: records 100 to 180
 *                processBatches(handler)
 * handler(a)   ------A--|
 * handler(b)             ----B|
 *              ------A-------B--|      a is acked at the end of handler(a)
 * ```
 *
 * `handler`, `options.concurrency`, `options.restart`: as of `processRecords`. A handler may ack single records (`batch.at(3).ack()`):
 * after a failure the partition starts again at the first record that is not acked.
 *
 * ```ts
 * fromKafka(kafka, { groupId: 'billing', topics: ['orders'] })
 *   .pipe(processBatches(async (batch) => { await db.insert([...batch].map(toRow)); }))
 *   .subscribe({ error: (error) => console.error(error) });
 * ```
 *
 * Throws OptionsError at once for a handler that is no function or options that cannot be used.
 */
export function processBatches<R>(
  handler: Handler<RecordBatch, R>,
  options: ProcessOptions = {},
): OperatorFunction<PartitionStream, Emitted<R>> {
  return process((partition) => partition.batches, handler, options);
}
