import { codeOf } from '../../../errors/table.ts';
import type { AddOffsetsToTxnRequest, AddOffsetsToTxnResponse } from '../../../protocol/apis/addOffsetsToTxn.ts';
import type { Call, Service } from '../call.ts';
import { now } from '../reply.ts';
import { misplaced, wordFor } from './answers.ts';

export const addOffsetsToTxn: Service<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse> = (call) =>
  now({ throttleTimeMs: 0, errorCode: codeOf(wordFor(errorOf(call) ?? 'NONE', call.version >= 2)) });

function errorOf({ cluster, node, request, now: at, refusal }: Call<AddOffsetsToTxnRequest>): string | undefined {
  const { transactionalId, producerId, producerEpoch, groupId } = request;
  const refused = refusal() ?? (transactionalId === '' ? 'INVALID_REQUEST' : misplaced(cluster, node));
  if (refused !== undefined) return refused;
  return cluster.transactions.add(transactionalId, { id: producerId, epoch: producerEpoch }, [{ kind: 'group', groupId }], at);
}
