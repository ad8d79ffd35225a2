import { codeOf } from '../../../errors/table.ts';
import type { JoinGroupResponse } from '../../../protocol/apis/joinGroup.ts';
import type { SyncGroupResponse } from '../../../protocol/apis/syncGroup.ts';
import type { Group } from './group.ts';
import { nothing } from './member.ts';

/** The code for Kafka's name of an error; 0 for none. */
export function codeFor(error: string | undefined): number {
  return error === undefined ? 0 : codeOf(error);
}

/** A JoinGroup that failed. */
export function joinError(error: string, memberId: string = ''): JoinGroupResponse {
  return {
    throttleTimeMs: 0,
    errorCode: codeOf(error),
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  };
}

/** A JoinGroup that made this member one of the generation that there is now; the leader is told who else is. */
export function joinOf(group: Group, memberId: string): JoinGroupResponse {
  return {
    throttleTimeMs: 0,
    errorCode: 0,
    generationId: group.generation,
    protocolType: group.protocolType ?? null,
    protocolName: group.protocolName ?? null,
    leader: group.leader ?? '',
    skipAssignment: false,
    memberId,
    members: group.leader === memberId ? group.roster() : [],
  };
}

/** Until version 6 no protocol is an empty name, from then on null. */
export function joinAt(version: number, response: JoinGroupResponse): JoinGroupResponse {
  return version < 7 ? { ...response, protocolName: response.protocolName ?? '' } : response;
}

/** A SyncGroup that failed. */
export function syncError(error: string): SyncGroupResponse {
  return { throttleTimeMs: 0, errorCode: codeOf(error), protocolType: null, protocolName: null, assignment: nothing };
}

/** A SyncGroup that tells an assignment. */
export function syncOf(group: Group, assignment: Buffer): SyncGroupResponse {
  return {
    throttleTimeMs: 0,
    errorCode: 0,
    protocolType: group.protocolType ?? null,
    protocolName: group.protocolName ?? null,
    assignment,
  };
}
