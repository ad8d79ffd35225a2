import type { Api } from '../api.ts';
import { api, since, struct } from '../schema.ts';
import { int16, int32, nullable, string } from '../types.ts';

/** "I am still here", and the answer tells of a rebalance. */
export interface HeartbeatRequest {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

export interface HeartbeatResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
}

export const heartbeatApi: Api<HeartbeatRequest, HeartbeatResponse> = api({
  name: 'Heartbeat',
  key: 12,
  versions: [0, 4],
  flexible: 4,
  request: struct<HeartbeatRequest>({
    groupId: since(0, string),
    generationId: since(0, int32),
    memberId: since(0, string),
    groupInstanceId: since(3, nullable(string), null),
  }),
  response: struct<HeartbeatResponse>({
    throttleTimeMs: since(1, int32),
    errorCode: since(0, int16),
  }),
});
