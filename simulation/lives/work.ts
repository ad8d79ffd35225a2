import {
  catchError,
  concat,
  EMPTY,
  exhaustMap,
  ignoreElements,
  interval,
  map,
  merge,
  mergeMap,
  of,
  retry,
  switchMap,
  take,
  tap,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { ackEach, eachPartition, processBatches, processRecords } from '../../operators/index.ts';
import type { PartitionStream } from '../../src/model/partitionStream.ts';
import type { Process } from '../simulationScheduler.ts';
import type { WorkPlan } from './plan.ts';

/** What the work of a member can be told while it runs. */
export interface WorkHost {
  readonly process: Process;
  readonly random: () => number;
  /** Nothing fails, nothing blocks, nothing takes long any more. */
  readonly isCalm: () => boolean;
  /** Who reads loosely reads again. */
  readonly resubscribe: Observable<unknown>;
  /** The work on a record or batch failed, and it is done again. */
  readonly restarted: () => void;
}

/** What a member does with its streams. */
export function workOn(plan: WorkPlan, host: WorkHost): (consumer: Observable<PartitionStream>) => Observable<unknown> {
  const { process, restarted } = host;
  const again = (): Observable<unknown> => {
    restarted();
    return timer(plan.restart, process);
  };
  switch (plan.kind) {
    case 'process':
      return processRecords(handler(plan, host), { restart: again });
    case 'batches':
      return processBatches(handler(plan, host), { restart: again });
    case 'loose':
      return eachPartition((partition) => loosely(partition, plan, host));
    case 'commits':
      return eachPartition((partition) => byHand(partition, host));
    default:
      return plan.kind satisfies never;
  }
}

interface Item {
  readonly offset?: number;
  readonly firstOffset?: number;
}

/** Every so many of them fails at its first try, or computes for long. */
function handler(
  plan: WorkPlan,
  { process, isCalm }: WorkHost,
): (item: Item, context: { readonly attempt: number }) => Observable<undefined> | undefined {
  return ({ offset, firstOffset = 0 }, { attempt }) => {
    if (isCalm()) return undefined;
    const number = offset ?? firstOffset;
    if (isTurn(number, plan.failing) && attempt === 1) throw new Error('the handler failed');
    if (isTurn(number, plan.blocking)) process.block(plan.block);
    return plan.delay === 0 ? undefined : timer(plan.delay, process).pipe(map(() => undefined));
  };
}

/** Several at a time, acked in whatever order they are done; after an error or when it is told to, it subscribes again. */
function loosely(
  partition: PartitionStream,
  plan: WorkPlan,
  { process, random, isCalm, resubscribe, restarted }: WorkHost,
): Observable<never> {
  const failed = new Set<number>();
  const told = resubscribe.pipe(switchMap(() => throwError(() => new Error('read again'))));
  const work = partition.pipe(
    mergeMap((record) => {
      const { offset } = record;
      if (!isCalm() && isTurn(offset, plan.failing) && !failed.has(offset)) {
        failed.add(offset);
        return throwError(() => new Error('the work failed'));
      }
      if (!isCalm() && isTurn(offset, plan.blocking)) process.block(plan.block);
      const done = tap({ complete: () => record.ack() });
      return (isCalm() || plan.delay === 0 ? EMPTY : timer(Math.ceil(random() * 3 * plan.delay), process)).pipe(ignoreElements(), done);
    }),
  );
  return merge(told, concat(work.pipe(ignoreElements()), of(true))).pipe(
    take(1),
    ignoreElements(),
    retry({
      delay: () => {
        restarted();
        return timer(plan.restart, process);
      },
    }),
  );
}

function byHand(partition: PartitionStream, { process }: WorkHost): Observable<never> {
  const commits = interval(200, process).pipe(exhaustMap(() => partition.commit().pipe(catchError(() => EMPTY))));
  const records = partition.pipe(ackEach(), ignoreElements());
  return merge(commits, concat(records, of(true))).pipe(take(1), ignoreElements());
}

function isTurn(number: number, every: number): boolean {
  return every > 0 && number % every === every - 1;
}
