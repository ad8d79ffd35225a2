import type { Api } from '../api.ts';
import { api, since, struct } from '../schema.ts';
import { array, int16, int32, int64, nullable, string } from '../types.ts';

/** Offsets of a group that are committed if the transaction is. */
export interface TxnOffsetCommitRequest {
  readonly transactionalId: string;
  readonly groupId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** -1 and no member id: nothing is fenced (KIP-447). */
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly topics: readonly TxnOffsetCommitRequestTopic[];
}

export interface TxnOffsetCommitRequestTopic {
  readonly name: string;
  readonly partitions: readonly TxnOffsetCommitRequestPartition[];
}

export interface TxnOffsetCommitRequestPartition {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  /** -1: unknown. */
  readonly committedLeaderEpoch: number;
  readonly committedMetadata: string | null;
}

export interface TxnOffsetCommitResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly TxnOffsetCommitResponseTopic[];
}

export interface TxnOffsetCommitResponseTopic {
  readonly name: string;
  readonly partitions: readonly TxnOffsetCommitResponsePartition[];
}

export interface TxnOffsetCommitResponsePartition {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

const asked = struct<TxnOffsetCommitRequestPartition>({
  partitionIndex: since(0, int32),
  committedOffset: since(0, int64),
  committedLeaderEpoch: since(2, int32, -1),
  committedMetadata: since(0, nullable(string)),
});

const answered = struct<TxnOffsetCommitResponsePartition>({ partitionIndex: since(0, int32), errorCode: since(0, int16) });

export const txnOffsetCommitApi: Api<TxnOffsetCommitRequest, TxnOffsetCommitResponse> = api({
  name: 'TxnOffsetCommit',
  key: 28,
  versions: [0, 5],
  flexible: 3,
  request: struct<TxnOffsetCommitRequest>({
    transactionalId: since(0, string),
    groupId: since(0, string),
    producerId: since(0, int64),
    producerEpoch: since(0, int16),
    generationId: since(3, int32, -1),
    memberId: since(3, string),
    groupInstanceId: since(3, nullable(string), null),
    topics: since(0, array(struct<TxnOffsetCommitRequestTopic>({ name: since(0, string), partitions: since(0, array(asked)) }))),
  }),
  response: struct<TxnOffsetCommitResponse>({
    throttleTimeMs: since(0, int32),
    topics: since(0, array(struct<TxnOffsetCommitResponseTopic>({ name: since(0, string), partitions: since(0, array(answered)) }))),
  }),
});
