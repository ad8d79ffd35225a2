import type { Api } from '../api.ts';
import { api, since, struct } from '../schema.ts';
import { array, int16, int32, int64, string } from '../types.ts';

/** What is below these offsets is to go (KIP-107). */
export interface DeleteRecordsRequest {
  readonly topics: readonly DeleteRecordsTopic[];
  readonly timeoutMs: number;
}

export interface DeleteRecordsTopic {
  readonly name: string;
  readonly partitions: readonly DeleteRecordsPartition[];
}

export interface DeleteRecordsPartition {
  readonly partitionIndex: number;
  /** -1: all that there is. */
  readonly offset: number;
}

export interface DeleteRecordsResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly DeleteRecordsTopicResult[];
}

export interface DeleteRecordsTopicResult {
  readonly name: string;
  readonly partitions: readonly DeleteRecordsPartitionResult[];
}

export interface DeleteRecordsPartitionResult {
  readonly partitionIndex: number;
  /** Where the log begins now; -1 with an error. */
  readonly lowWatermark: number;
  readonly errorCode: number;
}

const asked = struct<DeleteRecordsPartition>({ partitionIndex: since(0, int32), offset: since(0, int64) });

const answered = struct<DeleteRecordsPartitionResult>({
  partitionIndex: since(0, int32),
  lowWatermark: since(0, int64),
  errorCode: since(0, int16),
});

export const deleteRecordsApi: Api<DeleteRecordsRequest, DeleteRecordsResponse> = api({
  name: 'DeleteRecords',
  key: 21,
  versions: [0, 2],
  flexible: 2,
  request: struct<DeleteRecordsRequest>({
    topics: since(0, array(struct<DeleteRecordsTopic>({ name: since(0, string), partitions: since(0, array(asked)) }))),
    timeoutMs: since(0, int32),
  }),
  response: struct<DeleteRecordsResponse>({
    throttleTimeMs: since(0, int32),
    topics: since(0, array(struct<DeleteRecordsTopicResult>({ name: since(0, string), partitions: since(0, array(answered)) }))),
  }),
});
