import { codeOf } from '../../errors/table.ts';
import type { Api } from '../api.ts';
import { api, between, since, struct } from '../schema.ts';
import { array, int16, int32, int8, nullable, string } from '../types.ts';

/** The broker that coordinates a group or a transaction. Asking also makes the broker create its offsets topic. */
export interface FindCoordinatorRequest {
  /** Until version 3. */
  readonly key: string;
  /** 0: a group, 1: a transaction. */
  readonly keyType: number;
  /** From version 4 on (KIP-699). */
  readonly coordinatorKeys: readonly string[];
}

/** Until version 3 the answer stands in the first fields, from version 4 on in `coordinators`: see `coordinatorOf`. */
export interface FindCoordinatorResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly coordinators: readonly FoundCoordinator[];
}

export interface FoundCoordinator {
  readonly key: string;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

const found = struct<FoundCoordinator>({
  key: since(4, string),
  nodeId: since(4, int32),
  host: since(4, string),
  port: since(4, int32),
  errorCode: since(4, int16),
  errorMessage: since(4, nullable(string)),
});

export const findCoordinatorApi: Api<FindCoordinatorRequest, FindCoordinatorResponse> = api({
  name: 'FindCoordinator',
  key: 10,
  versions: [0, 6],
  flexible: 3,
  request: struct<FindCoordinatorRequest>({
    key: between(0, 3, string),
    keyType: since(1, int8),
    coordinatorKeys: since(4, array(string)),
  }),
  response: struct<FindCoordinatorResponse>({
    throttleTimeMs: since(1, int32),
    errorCode: between(0, 3, int16),
    errorMessage: between(1, 3, nullable(string)),
    nodeId: between(0, 3, int32),
    host: between(0, 3, string),
    port: between(0, 3, int32),
    coordinators: since(4, array(found)),
  }),
});

/** The request for the coordinator of one group, in any version. */
export function findGroupCoordinator(groupId: string): FindCoordinatorRequest {
  return { key: groupId, keyType: 0, coordinatorKeys: [groupId] };
}

/** The coordinator of the one key that was asked for, in any version. An answer about another key tells of none. */
export function coordinatorOf(response: FindCoordinatorResponse, key: string): FoundCoordinator {
  const { errorCode, errorMessage, nodeId, host, port, coordinators } = response;
  if (coordinators.length === 0) return { key, nodeId, host, port, errorCode, errorMessage };
  const none = { key, nodeId: -1, host: '', port: -1, errorCode: codeOf('COORDINATOR_NOT_AVAILABLE'), errorMessage: null };
  return coordinators.find((coordinator) => coordinator.key === key) ?? none;
}
