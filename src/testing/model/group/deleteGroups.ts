import type { DeleteGroupsRequest, DeleteGroupsResponse } from '../../../protocol/apis/deleteGroups.ts';
import type { Call, Service } from '../call.ts';
import { now } from '../reply.ts';
import { codeFor } from './answers.ts';
import { misplaced } from './placed.ts';

export const deleteGroups: Service<DeleteGroupsRequest, DeleteGroupsResponse> = (call) => {
  const error = call.refusal() ?? misplaced(call);
  const names = [...new Set(call.request.groupsNames)];
  return now({ throttleTimeMs: 0, results: names.map((groupId) => ({ groupId, errorCode: codeFor(error ?? remove(call, groupId)) })) });
};

function remove({ cluster }: Call<DeleteGroupsRequest>, groupId: string): string | undefined {
  const group = cluster.groups.get(groupId);
  if (group === undefined) return 'GROUP_ID_NOT_FOUND';
  if (group.state.kind !== 'Empty') return 'NON_EMPTY_GROUP';
  cluster.groups.delete(groupId);
  return undefined;
}
