import type { Api } from '../api.ts';
import { api, between, since, struct } from '../schema.ts';
import { array, int16, int32, int64, nullable, string } from '../types.ts';

/** "The group has done everything below these offsets." The broker takes any number, also a negative one: check before. */
export interface OffsetCommitRequest {
  readonly groupId: string;
  /** The generation of the member, or its epoch (KIP-848); -1: not a member. */
  readonly generationIdOrMemberEpoch: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** -1: as the broker is configured. */
  readonly retentionTimeMs: number;
  readonly topics: readonly OffsetCommitRequestTopic[];
}

export interface OffsetCommitRequestTopic {
  readonly name: string;
  readonly partitions: readonly OffsetCommitRequestPartition[];
}

export interface OffsetCommitRequestPartition {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  /** The epoch of the last record that was read (KIP-320); -1: unknown. */
  readonly committedLeaderEpoch: number;
  readonly committedMetadata: string | null;
}

export interface OffsetCommitResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly OffsetCommitResponseTopic[];
}

export interface OffsetCommitResponseTopic {
  readonly name: string;
  readonly partitions: readonly OffsetCommitResponsePartition[];
}

export interface OffsetCommitResponsePartition {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

const asked = struct<OffsetCommitRequestPartition>({
  partitionIndex: since(0, int32),
  committedOffset: since(0, int64),
  committedLeaderEpoch: since(6, int32, -1),
  committedMetadata: since(0, nullable(string)),
});

const answered = struct<OffsetCommitResponsePartition>({ partitionIndex: since(0, int32), errorCode: since(0, int16) });

export const offsetCommitApi: Api<OffsetCommitRequest, OffsetCommitResponse> = api({
  name: 'OffsetCommit',
  key: 8,
  versions: [2, 9],
  flexible: 8,
  request: struct<OffsetCommitRequest>({
    groupId: since(0, string),
    generationIdOrMemberEpoch: since(1, int32, -1),
    memberId: since(1, string),
    groupInstanceId: since(7, nullable(string), null),
    retentionTimeMs: between(2, 4, int64, -1),
    topics: since(0, array(struct<OffsetCommitRequestTopic>({ name: since(0, string), partitions: since(0, array(asked)) }))),
  }),
  response: struct<OffsetCommitResponse>({
    throttleTimeMs: since(3, int32),
    topics: since(0, array(struct<OffsetCommitResponseTopic>({ name: since(0, string), partitions: since(0, array(answered)) }))),
  }),
});
