import type { LeaderIdAndEpoch, NodeEndpoint } from '../../../protocol/apis/fetch.ts';
import type { ClusterModel } from '../clusterModel.ts';

/** Who leads a partition, as the broker tells it that was asked in vain (KIP-951). */
export interface CurrentLeader {
  readonly leader: LeaderIdAndEpoch;
  /** undefined: nobody leads. */
  readonly endpoint: NodeEndpoint | undefined;
}

/** undefined: there is no such partition. */
export function currentLeader(cluster: ClusterModel, topic: string, index: number): CurrentLeader | undefined {
  const partition = cluster.find(topic, index);
  if (partition === undefined) return undefined;
  const broker = cluster.brokers.get(partition.leader);
  const endpoint = broker && { nodeId: broker.id, host: broker.host, port: broker.port, rack: broker.rack };
  return { leader: { leaderId: partition.leader, leaderEpoch: partition.leaderEpoch }, endpoint };
}

/** Where the leaders are that an answer names, each once. */
export function endpointsOf(leaders: readonly (CurrentLeader | undefined)[]): readonly NodeEndpoint[] {
  const endpoints = new Map<number, NodeEndpoint>();
  for (const leader of leaders) if (leader?.endpoint !== undefined) endpoints.set(leader.endpoint.nodeId, leader.endpoint);
  return [...endpoints.values()];
}
