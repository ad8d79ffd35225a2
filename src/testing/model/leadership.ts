import type { ClusterModel } from './clusterModel.ts';
import type { Partition } from './topic.ts';

/** Another replica leads from now on, in a new epoch; -1: nobody. A broker that is no replica becomes one. */
export function lead(cluster: ClusterModel, partition: Partition, node: number): void {
  if (node >= 0 && !partition.replicas.includes(node)) partition.replicas = [...partition.replicas, node];
  partition.leader = node;
  partition.leaderEpoch++;
  const end = partition.lagging.get(node);
  // An unclean election: what the new leader does not have is lost.
  if (end !== undefined && end < partition.log.end) partition.log.truncateTo(end);
  partition.lagging.delete(node);
  cluster.changed();
}

/** A broker is gone: what it led is led by a replica that has everything, else by nobody; so are the groups. */
export function brokerDown(cluster: ClusterModel, node: number): void {
  const broker = cluster.brokers.get(node);
  if (broker?.up !== true) return;
  broker.up = false;
  broker.sessions.clear();
  for (const partition of partitionsOf(cluster)) if (partition.leader === node) lead(cluster, partition, successor(cluster, partition));
  if (cluster.coordinator === node) cluster.coordinator = cluster.alive[0] ?? -1;
  cluster.changed();
}

/** It is back: it leads what nobody leads, if it has all of it. */
export function brokerUp(cluster: ClusterModel, node: number): void {
  const broker = cluster.brokers.get(node);
  if (broker === undefined || broker.up) return;
  broker.up = true;
  for (const partition of partitionsOf(cluster)) if (partition.leader < 0 && has(partition, node)) lead(cluster, partition, node);
  if (cluster.coordinator < 0) cluster.coordinator = node;
  cluster.changed();
}

function successor({ brokers }: ClusterModel, partition: Partition): number {
  return partition.replicas.find((node) => brokers.get(node)?.up === true && has(partition, node)) ?? -1;
}

function partitionsOf({ topics }: ClusterModel): readonly Partition[] {
  return [...topics.values()].flatMap(({ partitions }) => partitions);
}

function has({ replicas, lagging }: Partition, node: number): boolean {
  return replicas.includes(node) && !lagging.has(node);
}
