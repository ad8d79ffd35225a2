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

/** Throws RangeError for a broker that is down. */
export function checkAlive(cluster: ClusterModel, node: number): void {
  checkNode(cluster, node);
  if (cluster.brokers.get(node)?.up !== true) throw new RangeError(`broker ${String(node)} is down`);
}

const ofConnecting: ReadonlySet<Fault['kind']> = new Set(['error', 'latency', 'noAnswer']);

/** Throws RangeError for a fault that can never strike. */
export function checkFault(cluster: ClusterModel, fault: Fault): void {
  const { api, kind, topic, partition } = fault;
  if (api !== undefined) checkApi(api);
  if (api === 'Bootstrap' || api === 'Disconnect')
    throw new RangeError(`${api} cannot be struck: Connect is the opening of any connection`);
  if (api === 'Connect' && !ofConnecting.has(kind))
    throw new RangeError(`the opening of a connection cannot be struck by ${kind}: ${[...ofConnecting].join(', ')}`);
  if (partition !== undefined && topic === undefined) throw new RangeError('a partition is one of a topic: give the topic as well');
  if (fault.node !== undefined) checkNode(cluster, fault.node);
  if (fault.kind === 'error' && fault.error !== 'CONNECTION_FAILED' && fault.error !== 'TLS_FAILED') codeOf(fault.error);
}
