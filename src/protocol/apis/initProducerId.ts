import type { Api } from '../api.ts';
import { api, since, struct } from '../schema.ts';
import { int16, int32, int64, nullable, string } from '../types.ts';

/** An id and an epoch to produce with; with a transactional id it also fences whoever had that id before (KIP-98). */
export interface InitProducerIdRequest {
  /** null: idempotent only. */
  readonly transactionalId: string | null;
  /** How long a transaction may stay open before the coordinator aborts it. */
  readonly transactionTimeoutMs: number;
  /** -1: none yet; else what the producer has, to go on from there (KIP-360). */
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface InitProducerIdResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  /** -1 with an error. */
  readonly producerId: number;
  readonly producerEpoch: number;
}

export const initProducerIdApi: Api<InitProducerIdRequest, InitProducerIdResponse> = api({
  name: 'InitProducerId',
  key: 22,
  versions: [0, 5],
  flexible: 2,
  request: struct<InitProducerIdRequest>({
    transactionalId: since(0, nullable(string)),
    transactionTimeoutMs: since(0, int32),
    producerId: since(3, int64, -1),
    producerEpoch: since(3, int16, -1),
  }),
  response: struct<InitProducerIdResponse>({
    throttleTimeMs: since(0, int32),
    errorCode: since(0, int16),
    producerId: since(0, int64, -1),
    producerEpoch: since(0, int16),
  }),
});
