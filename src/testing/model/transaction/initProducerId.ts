import { codeOf } from '../../../errors/table.ts';
import type { InitProducerIdRequest, InitProducerIdResponse } from '../../../protocol/apis/initProducerId.ts';
import type { Call, Service } from '../call.ts';
import { now } from '../reply.ts';
import { misplaced, wordFor } from './answers.ts';
import { NONE, type Claim } from './producer.ts';
import type { Outcome } from './transactions.ts';

/** `transaction.max.timeout.ms`. */
const MAX_TIMEOUT = 900_000;

export const initProducerId: Service<InitProducerIdRequest, InitProducerIdResponse> = (call) => {
  const outcome = outcomeOf(call);
  // Producers before version 4 do not know the newer word.
  if ('error' in outcome) return now(response(wordFor(outcome.error, call.version >= 4), NONE, NONE));
  return now(response('NONE', outcome.id, outcome.epoch));
};

function outcomeOf({ cluster, node, request, now: at, refusal }: Call<InitProducerIdRequest>): Outcome {
  const { transactions } = cluster;
  const { transactionalId, transactionTimeoutMs, producerId, producerEpoch } = request;
  const refused = refusal();
  if (refused !== undefined) return { error: refused };
  if ((producerId === NONE) !== (producerEpoch === NONE)) return { error: 'INVALID_REQUEST' };
  if (transactionalId === null) return { id: transactions.newId(), epoch: 0 };
  if (transactionalId === '') return { error: 'INVALID_REQUEST' };
  if (transactionTimeoutMs <= 0 || transactionTimeoutMs > MAX_TIMEOUT) return { error: 'INVALID_TRANSACTION_TIMEOUT' };
  const elsewhere = misplaced(cluster, node);
  if (elsewhere !== undefined) return { error: elsewhere };
  const claim: Claim | undefined = producerId === NONE ? undefined : { id: producerId, epoch: producerEpoch };
  return transactions.initialize(transactionalId, transactionTimeoutMs, claim, at);
}

function response(error: string, producerId: number, producerEpoch: number): InitProducerIdResponse {
  return { throttleTimeMs: 0, errorCode: codeOf(error), producerId, producerEpoch };
}
