import { codeOf } from '../../../errors/table.ts';
import type {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
  AddPartitionsToTxnResult,
  AddPartitionsToTxnTopic,
  AddPartitionsToTxnTransaction,
} from '../../../protocol/apis/addPartitionsToTxn.ts';
import type { Call, Service } from '../call.ts';
import { now } from '../reply.ts';
import { misplaced, wordFor } from './answers.ts';
import type { Place } from './places.ts';

/** Kafka's name of the error for a partition. */
type ErrorFor = (topic: string, partition: number) => string;

export const addPartitionsToTxn: Service<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse> = (call) => {
  const { version, request } = call;
  if (version >= 4) {
    const resultsByTransaction = request.transactions.map((each) => resultOf(each, call));
    return now({ throttleTimeMs: 0, errorCode: 0, resultsByTransaction, resultsByTopicV3AndBelow: [] });
  }
  const result = resultOf(
    {
      transactionalId: request.v3AndBelowTransactionalId,
      producerId: request.v3AndBelowProducerId,
      producerEpoch: request.v3AndBelowProducerEpoch,
      verifyOnly: false,
      topics: request.v3AndBelowTopics,
    },
    call,
  );
  return now({ throttleTimeMs: 0, errorCode: 0, resultsByTransaction: [], resultsByTopicV3AndBelow: result.topicResults });
};

function resultOf(transaction: AddPartitionsToTxnTransaction, call: Call<unknown>): AddPartitionsToTxnResult {
  const errorFor = errorsFor(transaction, call);
  return {
    transactionalId: transaction.transactionalId,
    topicResults: transaction.topics.map(({ name, partitions }) => ({
      name,
      resultsByPartition: partitions.map((partitionIndex) => ({
        partitionIndex,
        partitionErrorCode: codeOf(wordFor(errorFor(name, partitionIndex), call.version >= 2)),
      })),
    })),
  };
}

/** One partition that cannot be added keeps all of them from it. */
function errorsFor(
  { transactionalId, producerId, producerEpoch, verifyOnly, topics }: AddPartitionsToTxnTransaction,
  call: Call<unknown>,
): ErrorFor {
  const { cluster, node, refusal } = call;
  const whole = refusal();
  if (whole !== undefined) return () => whole;
  const single: ErrorFor = (topic, partition) =>
    refusal(topic, partition) ?? (cluster.find(topic, partition) === undefined ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'NONE');
  const isAnyWrong = topics.some(({ name, partitions }) => partitions.some((partition) => single(name, partition) !== 'NONE'));
  if (isAnyWrong) return (topic, partition) => (single(topic, partition) === 'NONE' ? 'OPERATION_NOT_ATTEMPTED' : single(topic, partition));
  const elsewhere = transactionalId === '' ? 'INVALID_REQUEST' : misplaced(cluster, node);
  if (elsewhere !== undefined) return () => elsewhere;
  const claim = { id: producerId, epoch: producerEpoch };
  if (verifyOnly) {
    return (topic, partition) => cluster.transactions.verify(transactionalId, claim, { kind: 'partition', topic, partition }) ?? 'NONE';
  }
  const error = cluster.transactions.add(transactionalId, claim, partitionsOf(topics), call.now);
  return () => error ?? 'NONE';
}

function partitionsOf(topics: readonly AddPartitionsToTxnTopic[]): readonly Place[] {
  return topics.flatMap(({ name, partitions }) => partitions.map((partition): Place => ({ kind: 'partition', topic: name, partition })));
}
