import type { ListGroupsRequest, ListGroupsResponse } from '../../../protocol/apis/listGroups.ts';
import type { Service } from '../call.ts';
import { now } from '../reply.ts';
import { codeFor } from './answers.ts';
import type { Group } from './group.ts';
import { misplaced } from './placed.ts';

/** A broker lists the groups that it coordinates: others have none. */
export const listGroups: Service<ListGroupsRequest, ListGroupsResponse> = (call) => {
  const { cluster, request } = call;
  const error = call.refusal();
  const groups = error === undefined && misplaced(call) === undefined ? [...cluster.groups.all()] : [];
  const listed = groups
    .filter((group) => fits(group, request))
    .map(({ id, protocolType = '', state }) => ({
      groupId: id,
      protocolType,
      groupState: state.kind,
      groupType: 'classic',
    }));
  return now({ throttleTimeMs: 0, errorCode: codeFor(error), groups: listed });
};

function fits({ state }: Group, { statesFilter, typesFilter }: ListGroupsRequest): boolean {
  return isAmong(state.kind, statesFilter) && isAmong('classic', typesFilter);
}

/** Without regard to case; an empty filter lets all pass. */
function isAmong(word: string, filter: readonly string[]): boolean {
  return filter.length === 0 || filter.some((each) => each.toLowerCase() === word.toLowerCase());
}
