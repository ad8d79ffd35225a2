import { catchError, defer, finalize, mergeMap, retry, type Observable, type OperatorFunction } from 'rxjs';
import type { PartitionStream } from '../../src/model/partitionStream.ts';
import type { Emitted, Handler, ProcessOptions } from '../handler.ts';
import { checkArguments } from './checkArguments.ts';
import { Crew } from './crew.ts';
import { deliver } from './delivery.ts';
import type { Item } from './item.ts';
import { Lane } from './lane.ts';
import { again } from './restart.ts';
import { afterHandler, letOut } from './settle.ts';

/** A handler for each item of each partition: what `processRecords` and `processBatches` have in common. */
export function process<T extends Item, R>(
  itemsOf: (partition: PartitionStream) => Observable<T>,
  handler: Handler<T, R>,
  options: ProcessOptions,
): OperatorFunction<PartitionStream, Emitted<R>> {
  checkArguments(handler, options);
  const { concurrency = Infinity, restart } = options;

  /** One partition. An error that comes out of it is the end of the consumer. */
  const attend = (crew: Crew, partition: PartitionStream): Observable<Emitted<R>> =>
    defer(() => {
      const lane = new Lane(partition);
      crew.patience = lane.patience;
      const settle = (error: unknown): Observable<never> => (restart === undefined ? letOut(crew, error) : afterHandler(crew, lane, error));
      const delivery = deliver(lane, itemsOf(partition), handler, crew, settle);
      const lasting = restart === undefined ? delivery : delivery.pipe(retry({ delay: (error) => again(crew, lane, error, restart) }));
      return lasting.pipe(finalize(() => lane.release()));
    });

  return (partitions) =>
    defer(() => {
      const crew = new Crew(concurrency);
      const end = (error: unknown): Observable<never> => letOut(crew, error);
      return partitions.pipe(
        catchError(end),
        mergeMap((partition) => attend(crew, partition).pipe(catchError(end))),
      );
    });
}
