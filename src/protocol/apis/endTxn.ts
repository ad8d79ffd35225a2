import type { Api } from '../api.ts';
import { api, since, struct } from '../schema.ts';
import { bool, int16, int32, int64, string } from '../types.ts';

/** The end of a transaction, one way or the other. */
export interface EndTxnRequest {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** false: aborted. */
  readonly committed: boolean;
}

export interface EndTxnResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  /** From version 5 on: what the producer goes on with (KIP-890); -1 before, and with an error. */
  readonly producerId: number;
  readonly producerEpoch: number;
}

export const endTxnApi: Api<EndTxnRequest, EndTxnResponse> = api({
  name: 'EndTxn',
  key: 26,
  versions: [0, 5],
  flexible: 3,
  request: struct<EndTxnRequest>({
    transactionalId: since(0, string),
    producerId: since(0, int64),
    producerEpoch: since(0, int16),
    committed: since(0, bool),
  }),
  response: struct<EndTxnResponse>({
    throttleTimeMs: since(0, int32),
    errorCode: since(0, int16),
    producerId: since(5, int64, -1),
    producerEpoch: since(5, int16, -1),
  }),
});
