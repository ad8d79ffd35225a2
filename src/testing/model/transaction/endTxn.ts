import { codeOf } from '../../../errors/table.ts';
import type { EndTxnRequest, EndTxnResponse } from '../../../protocol/apis/endTxn.ts';
import type { Call, Service } from '../call.ts';
import { now } from '../reply.ts';
import { misplaced, wordFor } from './answers.ts';
import { NONE } from './producer.ts';
import type { Outcome } from './transactions.ts';

export const endTxn: Service<EndTxnRequest, EndTxnResponse> = (call) => {
  const outcome = outcomeOf(call);
  if ('error' in outcome) return now(response(wordFor(outcome.error, call.version >= 2), NONE, NONE));
  return now(response('NONE', outcome.id, outcome.epoch));
};

function outcomeOf({ cluster, node, version, request, now: at, refusal }: Call<EndTxnRequest>): Outcome {
  const { transactionalId, producerId, producerEpoch, committed } = request;
  const refused = refusal() ?? (transactionalId === '' ? 'INVALID_REQUEST' : misplaced(cluster, node));
  if (refused !== undefined) return { error: refused };
  const claim = { id: producerId, epoch: producerEpoch };
  return cluster.transactions.end(transactionalId, claim, committed ? 'commit' : 'abort', version >= 5, at);
}

function response(error: string, producerId: number, producerEpoch: number): EndTxnResponse {
  return { throttleTimeMs: 0, errorCode: codeOf(error), producerId, producerEpoch };
}
