import type { Api } from '../api.ts';
import { api, between, since, struct } from '../schema.ts';
import { array, int16, int32, nullable, string } from '../types.ts';

/** Going, so that the others need not wait for the session to expire. */
export interface LeaveGroupRequest {
  readonly groupId: string;
  /** Until version 2. */
  readonly memberId: string;
  /** From version 3 on (KIP-345). */
  readonly members: readonly MemberIdentity[];
}

export interface MemberIdentity {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** Why (KIP-800). */
  readonly reason: string | null;
}

export interface LeaveGroupResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  /** From version 3 on: the errors of the members stand here, and the one above is 0. */
  readonly members: readonly MemberResponse[];
}

export interface MemberResponse {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly errorCode: number;
}

const leaving = struct<MemberIdentity>({
  memberId: since(3, string),
  groupInstanceId: since(3, nullable(string), null),
  reason: since(5, nullable(string), null),
});

const left = struct<MemberResponse>({
  memberId: since(3, string),
  groupInstanceId: since(3, nullable(string)),
  errorCode: since(3, int16),
});

export const leaveGroupApi: Api<LeaveGroupRequest, LeaveGroupResponse> = api({
  name: 'LeaveGroup',
  key: 13,
  versions: [0, 5],
  flexible: 4,
  request: struct<LeaveGroupRequest>({
    groupId: since(0, string),
    memberId: between(0, 2, string),
    members: since(3, array(leaving)),
  }),
  response: struct<LeaveGroupResponse>({
    throttleTimeMs: since(1, int32),
    errorCode: since(0, int16),
    members: since(3, array(left)),
  }),
});

/** The request of one member that leaves, in any version. */
export function leaveOf(groupId: string, member: MemberIdentity): LeaveGroupRequest {
  return { groupId, memberId: member.memberId, members: [member] };
}

/** The first error of an answer, of the whole or of a member; 0: none. */
export function leaveErrorOf(response: LeaveGroupResponse): number {
  if (response.errorCode !== 0) return response.errorCode;
  return response.members.find(({ errorCode }) => errorCode !== 0)?.errorCode ?? 0;
}
