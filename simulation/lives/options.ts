import { cooperativeSticky } from '../../src/group/assignors/cooperativeSticky.ts';
import { range } from '../../src/group/assignors/range.ts';
import type { Assignor } from '../../src/group/assignor.ts';
import type { ConsumerEvent } from '../../src/model/events.ts';
import type { ConsumerOptions } from '../../src/options.ts';
import type { Observable, SchedulerLike } from 'rxjs';
import type { OptionsPlan } from './plan.ts';

const assignors: Readonly<Record<NonNullable<OptionsPlan['assignor']>, readonly Assignor[]>> = {
  range: [range],
  cooperative: [cooperativeSticky],
  both: [cooperativeSticky, range],
};

/** What a consumer lives by, beside its plan. */
export interface Surroundings {
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
  readonly events: (event: ConsumerEvent) => void;
  readonly until: Observable<unknown>;
}

/** The public options that a plan means. */
export function optionsOf(plan: OptionsPlan, surroundings: Surroundings): ConsumerOptions {
  const { assignor, maxWait, maxPartitionBytes, topics, partitions, groupId, rackId, ...rest } = plan;
  const fetch = { maxWait, ...(maxPartitionBytes !== undefined && { maxPartitionBytes }) };
  const common = {
    ...rest,
    fetch,
    closeTimeout: 2_000,
    drainTimeout: 2_000,
    startTimeout: 0,
    unattendedTimeout: false as const,
    ...surroundings,
  };
  // What is given together is checked by the consumer itself.
  const mode =
    partitions === undefined
      ? {
          groupId: groupId ?? '',
          topics: topics ?? [],
          ...(assignor !== undefined && { assignors: assignors[assignor] }),
          ...(rackId !== undefined && { rackId }),
        }
      : { partitions, ...(groupId !== undefined && { groupId }) };
  return { ...common, ...mode } as ConsumerOptions;
}
