import type {
  DescribedGroup,
  DescribedGroupMember,
  DescribeGroupsRequest,
  DescribeGroupsResponse,
} from '../../../protocol/apis/describeGroups.ts';
import type { Call, Service } from '../call.ts';
import { now } from '../reply.ts';
import { codeFor } from './answers.ts';
import type { Group } from './group.ts';
import { nothing, type Member } from './member.ts';
import { misplaced } from './placed.ts';

/** What a broker answers for operations that it was not asked about. Who may do what is not simulated. */
const NO_OPERATIONS = -2_147_483_648;

export const describeGroups: Service<DescribeGroupsRequest, DescribeGroupsResponse> = (call) => {
  const error = call.refusal() ?? misplaced(call);
  return now({ throttleTimeMs: 0, groups: call.request.groups.map((groupId) => describe(call, groupId, error)) });
};

function describe({ cluster, version }: Call<DescribeGroupsRequest>, groupId: string, error: string | undefined): DescribedGroup {
  const blank = { ...unknown, groupId };
  if (error !== undefined) return { ...blank, errorCode: codeFor(error) };
  const group = cluster.groups.get(groupId);
  if (group !== undefined) return { ...blank, ...describeKnown(group) };
  if (version < 6) return { ...blank, groupState: 'Dead' };
  return { ...blank, groupState: 'Dead', errorCode: codeFor('GROUP_ID_NOT_FOUND'), errorMessage: `Group ${groupId} not found.` };
}

const unknown: DescribedGroup = {
  errorCode: 0,
  errorMessage: null,
  groupId: '',
  groupState: '',
  protocolType: '',
  protocolData: '',
  members: [],
  authorizedOperations: NO_OPERATIONS,
};

/** What members said of themselves is told of a stable group only. */
function describeKnown(group: Group): Pick<DescribedGroup, 'groupState' | 'protocolType' | 'protocolData' | 'members'> {
  const chosen = group.state.kind === 'Stable' ? group.protocolName : undefined;
  return {
    groupState: group.state.kind,
    protocolType: group.protocolType ?? '',
    protocolData: chosen ?? '',
    members: [...group.members.values()].map((member) => describeMember(member, chosen)),
  };
}

function describeMember({ id, instanceId, clientId, protocols, assignment }: Member, chosen: string | undefined): DescribedGroupMember {
  return {
    memberId: id,
    groupInstanceId: instanceId,
    clientId,
    clientHost: '/127.0.0.1',
    memberMetadata: protocols.find(({ name }) => name === chosen)?.metadata ?? nothing,
    memberAssignment: assignment,
  };
}
