import type { LeaveGroupRequest, LeaveGroupResponse, MemberIdentity } from '../../../protocol/apis/leaveGroup.ts';
import type { Call, Service } from '../call.ts';
import { now, type Reply } from '../reply.ts';
import { codeFor } from './answers.ts';
import type { Group } from './group.ts';
import { misplaced } from './placed.ts';
import { dismiss, rebalance } from './rebalance.ts';

export const leaveGroup: Service<LeaveGroupRequest, LeaveGroupResponse> = (call) => {
  const { cluster, request, version } = call;
  const error = call.refusal() ?? (request.groupId === '' ? 'INVALID_GROUP_ID' : misplaced(call));
  if (error !== undefined) return answer(error, []);
  const leaving = version < 3 ? [{ memberId: request.memberId, groupInstanceId: null, reason: null }] : request.members;
  const errors = leave(call, leaving);
  cluster.changed();
  if (version < 3) return answer(errors[0], []);
  return answer(
    undefined,
    leaving.map(({ memberId, groupInstanceId }, at) => ({ memberId, groupInstanceId, errorCode: codeFor(errors[at]) })),
  );
};

function answer(error: string | undefined, members: LeaveGroupResponse['members']): Reply<LeaveGroupResponse> {
  return now({ throttleTimeMs: 0, errorCode: codeFor(error), members });
}

/** All go, then the others are told to come together. */
function leave(
  { cluster, request, now: at }: Call<LeaveGroupRequest>,
  leaving: readonly MemberIdentity[],
): readonly (string | undefined)[] {
  const group = cluster.groups.get(request.groupId);
  if (group === undefined) return leaving.map(() => 'UNKNOWN_MEMBER_ID');
  const errors = leaving.map((identity) => leaveOne(group, identity));
  if (errors.includes(undefined) && group.state.kind !== 'Empty') rebalance(group, cluster.groups.moment(at));
  return errors;
}

/** Without member id an instance is sent away by an administrator. */
function leaveOne(group: Group, { memberId, groupInstanceId }: MemberIdentity): string | undefined {
  if (memberId !== '' && group.given.delete(memberId)) return undefined;
  const id = memberId === '' ? (group.idOf(groupInstanceId) ?? '') : memberId;
  const error = memberId === '' ? undefined : group.strangeness(memberId, groupInstanceId);
  const member = group.members.get(id);
  if (error !== undefined || member === undefined) return error ?? 'UNKNOWN_MEMBER_ID';
  dismiss(group, member);
  return undefined;
}
