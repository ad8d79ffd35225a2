import type { FindCoordinatorRequest, FindCoordinatorResponse, FoundCoordinator } from '../../../protocol/apis/findCoordinator.ts';
import type { Call, Service } from '../call.ts';
import { now } from '../reply.ts';
import { codeFor } from './answers.ts';

/** A group, a transaction. Share groups (2) are not simulated. */
const keyTypes: readonly number[] = [0, 1];

/** What Kafka says besides the code, where versions 1 to 3 ask for it. */
const messages: ReadonlyMap<string | undefined, string> = new Map([
  [undefined, 'NONE'],
  ['COORDINATOR_NOT_AVAILABLE', 'The coordinator is not available.'],
]);

export const findCoordinator: Service<FindCoordinatorRequest, FindCoordinatorResponse> = (call) => {
  const { request, version } = call;
  if (version >= 4) return now({ ...blank, coordinators: request.coordinatorKeys.map((key) => locate(call, key).found) });
  const { found, error } = locate(call, request.key);
  const { errorCode, nodeId, host, port } = found;
  return now({ ...blank, errorCode, nodeId, host, port, errorMessage: messages.get(error) ?? null });
};

const blank: FindCoordinatorResponse = {
  throttleTimeMs: 0,
  errorCode: 0,
  errorMessage: null,
  nodeId: 0,
  host: '',
  port: 0,
  coordinators: [],
};

function locate(call: Call<FindCoordinatorRequest>, key: string): { readonly found: FoundCoordinator; readonly error: string | undefined } {
  const { cluster, request } = call;
  const broker = cluster.brokers.get(cluster.coordinator);
  const unfit = keyTypes.includes(request.keyType) ? undefined : 'INVALID_REQUEST';
  const error = call.refusal() ?? unfit ?? (broker?.up === true ? undefined : 'COORDINATOR_NOT_AVAILABLE');
  if (error !== undefined || broker === undefined) {
    return { found: { key, nodeId: -1, host: '', port: -1, errorCode: codeFor(error), errorMessage: '' }, error };
  }
  return { found: { key, nodeId: broker.id, host: broker.host, port: broker.port, errorCode: 0, errorMessage: '' }, error };
}
