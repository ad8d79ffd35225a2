import type { Api } from '../api.ts';
import { api, since, struct } from '../schema.ts';
import { array, int16, int32, string } from '../types.ts';

/** The end of groups that have no members, with what they committed. */
export interface DeleteGroupsRequest {
  readonly groupsNames: readonly string[];
}

export interface DeleteGroupsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly DeletableGroupResult[];
}

export interface DeletableGroupResult {
  readonly groupId: string;
  readonly errorCode: number;
}

export const deleteGroupsApi: Api<DeleteGroupsRequest, DeleteGroupsResponse> = api({
  name: 'DeleteGroups',
  key: 42,
  versions: [0, 2],
  flexible: 2,
  request: struct<DeleteGroupsRequest>({ groupsNames: since(0, array(string)) }),
  response: struct<DeleteGroupsResponse>({
    throttleTimeMs: since(0, int32),
    results: since(0, array(struct<DeletableGroupResult>({ groupId: since(0, string), errorCode: since(0, int16) }))),
  }),
});
