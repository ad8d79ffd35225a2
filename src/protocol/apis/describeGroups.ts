import type { Api } from '../api.ts';
import { api, since, struct } from '../schema.ts';
import { array, bool, bytes, int16, int32, nullable, string } from '../types.ts';

/** Who is in these groups, and in which state they are. */
export interface DescribeGroupsRequest {
  readonly groups: readonly string[];
  readonly includeAuthorizedOperations: boolean;
}

export interface DescribeGroupsResponse {
  readonly throttleTimeMs: number;
  readonly groups: readonly DescribedGroup[];
}

export interface DescribedGroup {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly groupId: string;
  /** Kafka's word: `Stable`. */
  readonly groupState: string;
  readonly protocolType: string;
  /** The assignor that was chosen; empty: none. */
  readonly protocolData: string;
  readonly members: readonly DescribedGroupMember[];
  readonly authorizedOperations: number;
}

export interface DescribedGroupMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly memberMetadata: Buffer;
  readonly memberAssignment: Buffer;
}

const NO_OPERATIONS = -2147483648;

const member = struct<DescribedGroupMember>({
  memberId: since(0, string),
  groupInstanceId: since(4, nullable(string), null),
  clientId: since(0, string),
  clientHost: since(0, string),
  memberMetadata: since(0, bytes),
  memberAssignment: since(0, bytes),
});

const group = struct<DescribedGroup>({
  errorCode: since(0, int16),
  errorMessage: since(6, nullable(string), null),
  groupId: since(0, string),
  groupState: since(0, string),
  protocolType: since(0, string),
  protocolData: since(0, string),
  members: since(0, array(member)),
  authorizedOperations: since(3, int32, NO_OPERATIONS),
});

export const describeGroupsApi: Api<DescribeGroupsRequest, DescribeGroupsResponse> = api({
  name: 'DescribeGroups',
  key: 15,
  versions: [0, 6],
  flexible: 5,
  request: struct<DescribeGroupsRequest>({ groups: since(0, array(string)), includeAuthorizedOperations: since(3, bool) }),
  response: struct<DescribeGroupsResponse>({ throttleTimeMs: since(1, int32), groups: since(0, array(group)) }),
});
