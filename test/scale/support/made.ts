import type { Handled, Told } from './log.ts';
import { PARTITIONS } from './plan.ts';

/** A line of a made-up log: a record of partition 0, written and handled at once. */
export function line(member: string, offset: number, at: number, rest: Partial<Handled> = {}): Handled {
  return { member, partition: 0, offset, written: at, began: at, at, epoch: 1, generation: 1, ...rest };
}

/** What a member could have told. */
export function tells(member: string, kind: Told['kind'], at: number, partitions: readonly number[] = []): Told {
  return { member, kind, at, partitions };
}

export const everyPartition: readonly number[] = Array.from({ length: PARTITIONS }, (_, partition) => partition);
