import type { Api } from '../api.ts';
import { api, since, struct } from '../schema.ts';
import { array, int16, int32, string } from '../types.ts';

/** The groups that this broker coordinates. */
export interface ListGroupsRequest {
  /** Only groups in these states; empty: in all (KIP-518). */
  readonly statesFilter: readonly string[];
  /** Only groups of these types: `classic`, `consumer`; empty: of all (KIP-848). */
  readonly typesFilter: readonly string[];
}

export interface ListGroupsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly groups: readonly ListedGroup[];
}

export interface ListedGroup {
  readonly groupId: string;
  readonly protocolType: string;
  readonly groupState: string;
  readonly groupType: string;
}

const group = struct<ListedGroup>({
  groupId: since(0, string),
  protocolType: since(0, string),
  groupState: since(4, string),
  groupType: since(5, string),
});

export const listGroupsApi: Api<ListGroupsRequest, ListGroupsResponse> = api({
  name: 'ListGroups',
  key: 16,
  versions: [0, 5],
  flexible: 3,
  request: struct<ListGroupsRequest>({ statesFilter: since(4, array(string)), typesFilter: since(5, array(string)) }),
  response: struct<ListGroupsResponse>({
    throttleTimeMs: since(1, int32),
    errorCode: since(0, int16),
    groups: since(0, array(group)),
  }),
});
