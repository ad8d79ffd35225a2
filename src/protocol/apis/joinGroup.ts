import type { Api } from '../api.ts';
import { api, since, struct } from '../schema.ts';
import { array, bool, bytes, int16, int32, nullable, string } from '../types.ts';

/** Becoming a member of a group, or going on as one in its next generation. The broker answers when all have come. */
export interface JoinGroupRequest {
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** Empty at first: from version 4 on the broker then answers MEMBER_ID_REQUIRED with one (KIP-394). */
  readonly memberId: string;
  /** Static membership (KIP-345). */
  readonly groupInstanceId: string | null;
  /** `consumer`. */
  readonly protocolType: string;
  /** Assignors by preference, each with what it wants to be told (ConsumerProtocolSubscription). */
  readonly protocols: readonly JoinGroupRequestProtocol[];
  /** Why (KIP-800). */
  readonly reason: string | null;
}

export interface JoinGroupRequestProtocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface JoinGroupResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly generationId: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  /** Its member id. */
  readonly leader: string;
  /** The leader keeps the assignment as it is (KIP-814). */
  readonly skipAssignment: boolean;
  readonly memberId: string;
  /** For the leader only. */
  readonly members: readonly JoinGroupResponseMember[];
}

export interface JoinGroupResponseMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly metadata: Buffer;
}

const protocol = struct<JoinGroupRequestProtocol>({ name: since(0, string), metadata: since(0, bytes) });

const member = struct<JoinGroupResponseMember>({
  memberId: since(0, string),
  groupInstanceId: since(5, nullable(string), null),
  metadata: since(0, bytes),
});

export const joinGroupApi: Api<JoinGroupRequest, JoinGroupResponse> = api({
  name: 'JoinGroup',
  key: 11,
  versions: [0, 9],
  flexible: 6,
  request: struct<JoinGroupRequest>({
    groupId: since(0, string),
    sessionTimeoutMs: since(0, int32),
    rebalanceTimeoutMs: since(1, int32, -1),
    memberId: since(0, string),
    groupInstanceId: since(5, nullable(string), null),
    protocolType: since(0, string),
    protocols: since(0, array(protocol)),
    reason: since(8, nullable(string), null),
  }),
  response: struct<JoinGroupResponse>({
    throttleTimeMs: since(2, int32),
    errorCode: since(0, int16),
    generationId: since(0, int32, -1),
    protocolType: since(7, nullable(string), null),
    protocolName: since(0, nullable(string, 7)),
    leader: since(0, string),
    skipAssignment: since(9, bool),
    memberId: since(0, string),
    members: since(0, array(member)),
  }),
});
