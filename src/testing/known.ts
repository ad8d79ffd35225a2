import { codeOf } from '../errors/table.ts';
import type { Fault } from './fault.ts';
import type { ClusterModel } from './model/clusterModel.ts';
import { services } from './model/services.ts';

const served: ReadonlySet<string> = new Set([...services.values()].map(({ api }) => api.name));
const ofConnections: ReadonlySet<string> = new Set(['Bootstrap', 'Connect', 'Disconnect']);

/** Throws RangeError for an API that the cluster does not speak. */
export function checkApi(api: string): void {
  if (served.has(api) || ofConnections.has(api)) return;
  throw new RangeError(`no API is called ${api}: ${[...served].toSorted().join(', ')}, or Connect`);
}

/** Throws RangeError for a broker that is not there. */
export function checkNode({ brokers }: ClusterModel, node: number): void {
  if (!brokers.has(node)) throw new RangeError(`there is no broker ${String(node)}: there are ${[...brokers.keys()].join(', ')}`);
}

/** Throws RangeError for a fault that can never strike. */
export function checkFault(cluster: ClusterModel, fault: Fault): void {
  if (fault.api !== undefined) checkApi(fault.api);
  if (fault.node !== undefined) checkNode(cluster, fault.node);
  if (fault.kind === 'error' && fault.error !== 'CONNECTION_FAILED' && fault.error !== 'TLS_FAILED') codeOf(fault.error);
}
