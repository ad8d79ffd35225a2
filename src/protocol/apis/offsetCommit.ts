import type { Api } from '../api.ts';
import { api, between, since, struct } from '../schema.ts';
import { array, int16, int32, int64, nullable, string, uuid } from '../types.ts';

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
  /** From version 10 on instead of the name; all zero: not known. */
  readonly topicId: string;
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
  /** Empty: the broker answers by id. */
  readonly name: string;
  /** All zero: the broker answers by name. */
  readonly topicId: string;
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

/** The first version in which topics go by their ids (KIP-848). */
const IDS_SINCE = 10;

const askedTopic = struct<OffsetCommitRequestTopic>({
  name: between(0, IDS_SINCE - 1, string),
  topicId: since(IDS_SINCE, uuid),
  partitions: since(0, array(asked)),
});

const answeredTopic = struct<OffsetCommitResponseTopic>({
  name: between(0, IDS_SINCE - 1, string),
  topicId: since(IDS_SINCE, uuid),
  partitions: since(0, array(answered)),
});

export const offsetCommitApi: Api<OffsetCommitRequest, OffsetCommitResponse> = api({
  name: 'OffsetCommit',
  key: 8,
  versions: [2, IDS_SINCE],
  flexible: 8,
  upTo: ({ topics }) => (topics.some(({ topicId }) => topicId === uuid.initial) ? IDS_SINCE - 1 : IDS_SINCE),
  request: struct<OffsetCommitRequest>({
    groupId: since(0, string),
    generationIdOrMemberEpoch: since(1, int32, -1),
    memberId: since(1, string),
    groupInstanceId: since(7, nullable(string), null),
    retentionTimeMs: between(2, 4, int64, -1),
    topics: since(0, array(askedTopic)),
  }),
  response: struct<OffsetCommitResponse>({
    throttleTimeMs: since(3, int32),
    topics: since(0, array(answeredTopic)),
  }),
});
