import type { Api } from '../api.ts';
import { api, since, struct } from '../schema.ts';
import { array, int16, int32, int64, string } from '../types.ts';

/** Where an epoch of the log ended (KIP-101, KIP-320): how truncation is found by brokers older than Fetch version 12. */
export interface OffsetForLeaderEpochRequest {
  /** -2: a client that is not a follower would send -1. */
  readonly replicaId: number;
  readonly topics: readonly OffsetForLeaderTopic[];
}

export interface OffsetForLeaderTopic {
  readonly topic: string;
  readonly partitions: readonly OffsetForLeaderPartition[];
}

export interface OffsetForLeaderPartition {
  readonly partition: number;
  /** -1: unknown. */
  readonly currentLeaderEpoch: number;
  /** The epoch that is asked for. */
  readonly leaderEpoch: number;
}

export interface OffsetForLeaderEpochResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly OffsetForLeaderTopicResult[];
}

export interface OffsetForLeaderTopicResult {
  readonly topic: string;
  readonly partitions: readonly OffsetForLeaderPartitionResult[];
}

export interface OffsetForLeaderPartitionResult {
  readonly errorCode: number;
  readonly partition: number;
  /** -1, with `endOffset` -1: the broker does not know the epoch. */
  readonly leaderEpoch: number;
  readonly endOffset: number;
}

const asked = struct<OffsetForLeaderPartition>({
  partition: since(0, int32),
  currentLeaderEpoch: since(2, int32, -1),
  leaderEpoch: since(0, int32),
});

const answered = struct<OffsetForLeaderPartitionResult>({
  errorCode: since(0, int16),
  partition: since(0, int32),
  leaderEpoch: since(1, int32, -1),
  endOffset: since(0, int64, -1),
});

export const offsetForLeaderEpochApi: Api<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> = api({
  name: 'OffsetForLeaderEpoch',
  key: 23,
  versions: [2, 4],
  flexible: 4,
  request: struct<OffsetForLeaderEpochRequest>({
    replicaId: since(3, int32, -2),
    topics: since(0, array(struct<OffsetForLeaderTopic>({ topic: since(0, string), partitions: since(0, array(asked)) }))),
  }),
  response: struct<OffsetForLeaderEpochResponse>({
    throttleTimeMs: since(2, int32),
    topics: since(0, array(struct<OffsetForLeaderTopicResult>({ topic: since(0, string), partitions: since(0, array(answered)) }))),
  }),
});
