import { cooperativeSticky, range, type Assignor, type ConsumerOptions } from '../../../src/index.ts';

export const PARTITIONS = 12;
export const SESSION_TIMEOUT = 6_000;
export const HEARTBEAT_INTERVAL = 500;
export const COMMIT_INTERVAL = 1_000;

export type AssignorName = 'range' | 'cooperativeSticky';

/** What a process is to be: a member of a group, or without one a reader of all partitions. */
export interface Plan {
  readonly brokers: readonly string[];
  readonly member: string;
  /** Of its log. */
  readonly path: string;
  readonly topic: string;
  readonly groupId?: string;
  readonly assignor?: AssignorName;
}

const assignors: Readonly<Record<AssignorName, Assignor>> = { range, cooperativeSticky };

export function optionsOf(topic: string, { groupId, assignor = 'range' }: Pick<Plan, 'groupId' | 'assignor'>): ConsumerOptions {
  if (groupId === undefined) return { partitions: Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition })) };
  return {
    groupId,
    topics: [topic],
    assignors: [assignors[assignor]],
    sessionTimeout: SESSION_TIMEOUT,
    heartbeatInterval: HEARTBEAT_INTERVAL,
    commit: { interval: COMMIT_INTERVAL },
  };
}
