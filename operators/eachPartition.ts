import { mergeMap, type ObservableInput, type OperatorFunction } from 'rxjs';
import type { PartitionStream } from '../src/model/partitionStream.ts';

/**
 * Projects each partition to what is done with it, all of them side by side.
 *
 * It is `mergeMap` without a concurrency to get wrong: every partition that is assigned must be subscribed at once, since one that waits
 * for another's end would be fetched by nobody (and ends the consumer after `unattendedTimeout`).
 *
 * ```
 * partitions   --p-----q-----------
 *                eachPartition(p => p.pipe(work))
 * p.pipe(work)   --a--b----c---
 * q.pipe(work)         -x-----y----
 *              ----a--bx---c--y----
 * ```
 *
 * `project`: called once per assignment of a partition. An error of what it returns, or one that it throws, ends the consumer; a `retry`
 * inside restarts one partition and leaves the others alone.
 *
 * ```ts
 * fromKafka(kafka, { groupId: 'billing', topics: ['orders'] })
 *   .pipe(eachPartition((partition) => partition.pipe(concatMap(save), ackEach(), retry({ delay: 1_000 }))))
 *   .subscribe();
 * ```
 */
export function eachPartition<R>(project: (partition: PartitionStream) => ObservableInput<R>): OperatorFunction<PartitionStream, R> {
  return mergeMap((partition: PartitionStream) => project(partition));
}
