import type { Api } from '../api.ts';
import { api, since, struct } from '../schema.ts';
import { array, int16, int32, int64, int8, string } from '../types.ts';

/** The first offset at or after a timestamp, or one end of the log. */
export interface ListOffsetsRequest {
  /** -1: a consumer. */
  readonly replicaId: number;
  /** 0: read_uncommitted, 1: read_committed: then `latest` is the last stable offset (KIP-98). */
  readonly isolationLevel: number;
  readonly topics: readonly ListOffsetsTopic[];
  /** Milliseconds that the broker may wait for tiered storage. */
  readonly timeoutMs: number;
}

export interface ListOffsetsTopic {
  readonly name: string;
  readonly partitions: readonly ListOffsetsPartition[];
}

export interface ListOffsetsPartition {
  readonly partitionIndex: number;
  /** -1: unknown. */
  readonly currentLeaderEpoch: number;
  /** Milliseconds since the epoch, LATEST_TIMESTAMP or EARLIEST_TIMESTAMP. */
  readonly timestamp: number;
}

export interface ListOffsetsResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly ListOffsetsTopicResponse[];
}

export interface ListOffsetsTopicResponse {
  readonly name: string;
  readonly partitions: readonly ListOffsetsPartitionResponse[];
}

export interface ListOffsetsPartitionResponse {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly timestamp: number;
  /** -1, without an error: no record at or after the timestamp. */
  readonly offset: number;
  readonly leaderEpoch: number;
}

export const LATEST_TIMESTAMP = -1;
export const EARLIEST_TIMESTAMP = -2;

const asked = struct<ListOffsetsPartition>({
  partitionIndex: since(0, int32),
  currentLeaderEpoch: since(4, int32, -1),
  timestamp: since(0, int64),
});

const answered = struct<ListOffsetsPartitionResponse>({
  partitionIndex: since(0, int32),
  errorCode: since(0, int16),
  timestamp: since(1, int64, -1),
  offset: since(1, int64, -1),
  leaderEpoch: since(4, int32, -1),
});

export const listOffsetsApi: Api<ListOffsetsRequest, ListOffsetsResponse> = api({
  name: 'ListOffsets',
  key: 2,
  versions: [1, 10],
  flexible: 6,
  request: struct<ListOffsetsRequest>({
    replicaId: since(0, int32),
    isolationLevel: since(2, int8),
    topics: since(0, array(struct<ListOffsetsTopic>({ name: since(0, string), partitions: since(0, array(asked)) }))),
    timeoutMs: since(10, int32),
  }),
  response: struct<ListOffsetsResponse>({
    throttleTimeMs: since(2, int32),
    topics: since(0, array(struct<ListOffsetsTopicResponse>({ name: since(0, string), partitions: since(0, array(answered)) }))),
  }),
});
