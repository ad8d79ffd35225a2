import type { JoinGroupRequestProtocol, JoinGroupResponse } from '../../../protocol/apis/joinGroup.ts';
import type { SyncGroupResponse } from '../../../protocol/apis/syncGroup.ts';

/** A request that waits: its answer, once there is one. */
export interface Parked<R> {
  answer: R | undefined;
}

/** What the coordinator's log keeps of a member. */
export interface MemberFacts {
  readonly id: string;
  /** Static membership (KIP-345). */
  readonly instanceId: string | null;
  readonly clientId: string;
  /** Ms. */
  readonly rebalanceTimeout: number;
  /** Ms. */
  readonly sessionTimeout: number;
  /** By preference. */
  readonly protocols: readonly JoinGroupRequestProtocol[];
  readonly assignment: Buffer;
}

/** A member of a group, as its coordinator knows it. */
export interface Member extends MemberFacts {
  rebalanceTimeout: number;
  sessionTimeout: number;
  protocols: readonly JoinGroupRequestProtocol[];
  assignment: Buffer;
  /** Not in any generation yet: it cannot send heartbeats, and so its parked JoinGroup does not keep it for ever. */
  isNew: boolean;
  /** When its session runs out, ms on the cluster's clock; Infinity: it ran out while a request of it was parked. */
  expires: number;
  join: Parked<JoinGroupResponse> | undefined;
  sync: Parked<SyncGroupResponse> | undefined;
}

export const nothing: Buffer = Buffer.alloc(0);

/** Gives the member's parked JoinGroup its answer. */
export function answerJoin(member: Member, answer: JoinGroupResponse): void {
  if (member.join !== undefined) member.join.answer = answer;
  member.join = undefined;
}

/** Gives the member's parked SyncGroup its answer; false: none is parked. */
export function answerSync(member: Member, answer: SyncGroupResponse): boolean {
  if (member.sync === undefined) return false;
  member.sync.answer = answer;
  member.sync = undefined;
  return true;
}

/** Its session begins anew. */
export function touch(member: Member, now: number): void {
  member.expires = now + member.sessionTimeout;
}
