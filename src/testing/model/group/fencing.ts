import type { Group } from './group.ts';

/** Who commits. */
export interface Committer {
  /** Empty: not a member. */
  readonly memberId: string;
  /** -1: not a member. */
  readonly generation: number;
  readonly instanceId: string | null;
  /** Within a transaction: those who do not say who they are are taken, and the group's state does not matter. */
  readonly inTransaction: boolean;
}

/** The error for somebody who commits offsets of this group; undefined: it may. */
export function commitError(group: Group, { memberId, generation, instanceId, inTransaction }: Committer): string | undefined {
  const { kind } = group.state;
  if (generation < 0 && kind === 'Empty') return undefined;
  if (generation >= 0 || memberId !== '' || instanceId !== null) {
    const error = group.strangeness(memberId, instanceId);
    if (error !== undefined) return error;
    if (generation !== group.generation) return 'ILLEGAL_GENERATION';
  } else if (!inTransaction) {
    return 'UNKNOWN_MEMBER_ID';
  }
  return !inTransaction && kind === 'CompletingRebalance' ? 'REBALANCE_IN_PROGRESS' : undefined;
}
