import type { HeartbeatRequest, HeartbeatResponse } from '../../../protocol/apis/heartbeat.ts';
import type { Call, Service } from '../call.ts';
import { now } from '../reply.ts';
import { codeFor } from './answers.ts';
import { touch } from './member.ts';
import { misplaced } from './placed.ts';

export const heartbeat: Service<HeartbeatRequest, HeartbeatResponse> = (call) =>
  now({ throttleTimeMs: 0, errorCode: codeFor(call.refusal() ?? invalid(call) ?? misplaced(call) ?? beat(call)) });

function invalid({ request }: Call<HeartbeatRequest>): string | undefined {
  return request.groupId === '' ? 'INVALID_GROUP_ID' : undefined;
}

function beat({ cluster, request, now: at }: Call<HeartbeatRequest>): string | undefined {
  const group = cluster.groups.get(request.groupId);
  const error = group === undefined ? 'UNKNOWN_MEMBER_ID' : group.strangeness(request.memberId, request.groupInstanceId);
  if (error !== undefined) return error;
  const member = group?.members.get(request.memberId);
  if (group === undefined || member === undefined || request.generationId !== group.generation) return 'ILLEGAL_GENERATION';
  touch(member, at);
  return group.state.kind === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : undefined;
}
