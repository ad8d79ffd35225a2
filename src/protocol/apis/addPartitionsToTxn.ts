import type { Api } from '../api.ts';
import { api, between, since, struct } from '../schema.ts';
import { array, bool, int16, int32, int64, string } from '../types.ts';

/** "The transaction is going to write there": the first of them opens it. */
export interface AddPartitionsToTxnRequest {
  /** From version 4 on: brokers ask for several at once (KIP-890). */
  readonly transactions: readonly AddPartitionsToTxnTransaction[];
  readonly v3AndBelowTransactionalId: string;
  readonly v3AndBelowProducerId: number;
  readonly v3AndBelowProducerEpoch: number;
  readonly v3AndBelowTopics: readonly AddPartitionsToTxnTopic[];
}

export interface AddPartitionsToTxnTransaction {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** Only asks whether they are in it already. */
  readonly verifyOnly: boolean;
  readonly topics: readonly AddPartitionsToTxnTopic[];
}

export interface AddPartitionsToTxnTopic {
  readonly name: string;
  readonly partitions: readonly number[];
}

export interface AddPartitionsToTxnResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly resultsByTransaction: readonly AddPartitionsToTxnResult[];
  readonly resultsByTopicV3AndBelow: readonly AddPartitionsToTxnTopicResult[];
}

export interface AddPartitionsToTxnResult {
  readonly transactionalId: string;
  readonly topicResults: readonly AddPartitionsToTxnTopicResult[];
}

export interface AddPartitionsToTxnTopicResult {
  readonly name: string;
  readonly resultsByPartition: readonly AddPartitionsToTxnPartitionResult[];
}

export interface AddPartitionsToTxnPartitionResult {
  readonly partitionIndex: number;
  readonly partitionErrorCode: number;
}

const topics = array(struct<AddPartitionsToTxnTopic>({ name: since(0, string), partitions: since(0, array(int32)) }));

const transaction = struct<AddPartitionsToTxnTransaction>({
  transactionalId: since(4, string),
  producerId: since(4, int64),
  producerEpoch: since(4, int16),
  verifyOnly: since(4, bool),
  topics: since(4, topics),
});

const partition = struct<AddPartitionsToTxnPartitionResult>({ partitionIndex: since(0, int32), partitionErrorCode: since(0, int16) });
const results = array(struct<AddPartitionsToTxnTopicResult>({ name: since(0, string), resultsByPartition: since(0, array(partition)) }));

export const addPartitionsToTxnApi: Api<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse> = api({
  name: 'AddPartitionsToTxn',
  key: 24,
  versions: [0, 5],
  flexible: 3,
  request: struct<AddPartitionsToTxnRequest>({
    transactions: since(4, array(transaction)),
    v3AndBelowTransactionalId: between(0, 3, string),
    v3AndBelowProducerId: between(0, 3, int64),
    v3AndBelowProducerEpoch: between(0, 3, int16),
    v3AndBelowTopics: between(0, 3, topics),
  }),
  response: struct<AddPartitionsToTxnResponse>({
    throttleTimeMs: since(0, int32),
    errorCode: since(4, int16),
    resultsByTransaction: since(
      4,
      array(struct<AddPartitionsToTxnResult>({ transactionalId: since(4, string), topicResults: since(4, results) })),
    ),
    resultsByTopicV3AndBelow: between(0, 3, results),
  }),
});
