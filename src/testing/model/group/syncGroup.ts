import type { SyncGroupRequest, SyncGroupResponse } from '../../../protocol/apis/syncGroup.ts';
import type { Call, Service } from '../call.ts';
import { now } from '../reply.ts';
import { syncError, syncOf } from './answers.ts';
import type { Group } from './group.ts';
import type { Member, Parked } from './member.ts';
import { misplaced, whenAnswered } from './placed.ts';
import { assign, synced } from './rebalance.ts';

export const syncGroup: Service<SyncGroupRequest, SyncGroupResponse> = (call) => {
  const { cluster, request } = call;
  const error = call.refusal() ?? malformed(call) ?? misplaced(call);
  const group = cluster.groups.get(request.groupId);
  const member = group?.members.get(request.memberId);
  const reason = error ?? (group === undefined ? 'UNKNOWN_MEMBER_ID' : strange(group, request));
  if (reason !== undefined || group === undefined || member === undefined) return now(syncError(reason ?? 'UNKNOWN_MEMBER_ID'));
  const parked: Parked<SyncGroupResponse> = { answer: undefined };
  sync(group, member, request, parked, call.now);
  cluster.changed();
  return whenAnswered(call, parked, syncError('NOT_COORDINATOR'), (answer) => answer);
};

/** From version 5 on both must be told (KIP-559). */
function malformed({ request, version }: Call<SyncGroupRequest>): string | undefined {
  if (version >= 5 && (request.protocolType === null || request.protocolName === null)) return 'INCONSISTENT_GROUP_PROTOCOL';
  return request.groupId === '' ? 'INVALID_GROUP_ID' : undefined;
}

function strange(
  group: Group,
  { memberId, groupInstanceId, generationId, protocolType, protocolName }: SyncGroupRequest,
): string | undefined {
  const error = group.strangeness(memberId, groupInstanceId);
  if (error !== undefined) return error;
  if (generationId !== group.generation) return 'ILLEGAL_GENERATION';
  if (protocolType !== null && protocolType !== group.protocolType) return 'INCONSISTENT_GROUP_PROTOCOL';
  if (protocolName !== null && protocolName !== group.protocolName) return 'INCONSISTENT_GROUP_PROTOCOL';
  return group.state.kind === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : undefined;
}

function sync(group: Group, member: Member, { assignments }: SyncGroupRequest, parked: Parked<SyncGroupResponse>, at: number): void {
  synced(group, member.id);
  if (group.state.kind === 'Stable') {
    parked.answer = syncOf(group, member.assignment);
    return;
  }
  member.sync = parked;
  if (group.leader === member.id) assign(group, new Map(assignments.map(({ memberId, assignment }) => [memberId, assignment])), at);
}
