import type { Api } from '../api.ts';
import { api, since, struct } from '../schema.ts';
import { int16, int32, int64, string } from '../types.ts';

/** "The transaction is going to commit offsets of that group." */
export interface AddOffsetsToTxnRequest {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly groupId: string;
}

export interface AddOffsetsToTxnResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
}

export const addOffsetsToTxnApi: Api<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse> = api({
  name: 'AddOffsetsToTxn',
  key: 25,
  versions: [0, 4],
  flexible: 3,
  request: struct<AddOffsetsToTxnRequest>({
    transactionalId: since(0, string),
    producerId: since(0, int64),
    producerEpoch: since(0, int16),
    groupId: since(0, string),
  }),
  response: struct<AddOffsetsToTxnResponse>({ throttleTimeMs: since(0, int32), errorCode: since(0, int16) }),
});
