import type { Api } from '../api.ts';
import { api, since, struct } from '../schema.ts';
import { array, bytes, int16, int32, nullable, string } from '../types.ts';

/** The leader hands in the assignment of all, and each member is told its own. */
export interface SyncGroupRequest {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** Version 5 checks both against the group (KIP-559): INCONSISTENT_GROUP_PROTOCOL. */
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  /** Empty but for the leader. */
  readonly assignments: readonly SyncGroupRequestAssignment[];
}

export interface SyncGroupRequestAssignment {
  readonly memberId: string;
  readonly assignment: Buffer;
}

export interface SyncGroupResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  /** ConsumerProtocolAssignment; empty where the leader gave this member nothing. */
  readonly assignment: Buffer;
}

const assignment = struct<SyncGroupRequestAssignment>({ memberId: since(0, string), assignment: since(0, bytes) });

export const syncGroupApi: Api<SyncGroupRequest, SyncGroupResponse> = api({
  name: 'SyncGroup',
  key: 14,
  versions: [0, 5],
  flexible: 4,
  request: struct<SyncGroupRequest>({
    groupId: since(0, string),
    generationId: since(0, int32),
    memberId: since(0, string),
    groupInstanceId: since(3, nullable(string), null),
    protocolType: since(5, nullable(string), null),
    protocolName: since(5, nullable(string), null),
    assignments: since(0, array(assignment)),
  }),
  response: struct<SyncGroupResponse>({
    throttleTimeMs: since(1, int32),
    errorCode: since(0, int16),
    protocolType: since(5, nullable(string), null),
    protocolName: since(5, nullable(string), null),
    assignment: since(0, bytes),
  }),
});
