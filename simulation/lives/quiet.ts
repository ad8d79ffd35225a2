import { partitionKey } from '../../src/model/topicPartition.ts';
import type { SimulatedCluster } from '../../src/testing/simulatedCluster.ts';
import type { Member } from './member.ts';

/** All faults are over, all brokers are there, everything has a leader. */
export function heal(cluster: SimulatedCluster): void {
  const { model } = cluster;
  cluster.heal();
  for (const node of model.brokers.keys()) {
    cluster.apply({ kind: 'up', node });
    cluster.apply({ kind: 'staleMetadata', node, off: true });
  }
  if (model.coordinator < 0) cluster.apply({ kind: 'moveCoordinator', node: 1 });
  for (const { name: topic, partitions } of model.topics.values())
    for (const { index: partition, leader, replicas, lagging } of partitions) {
      if (leader < 0) cluster.apply({ kind: 'move', topic, partition, leader: replicas[0] ?? 1 });
      for (const node of [...lagging.keys()]) cluster.apply({ kind: 'lag', topic, partition, node, off: true });
    }
}

/** What is missing until everything is read and committed; undefined: nothing. */
export function isDone(cluster: SimulatedCluster, members: readonly Member[]): string | undefined {
  const reader = members.find(({ isThere }) => isThere);
  if (reader === undefined) return undefined;
  const { options } = reader.plan;
  const wanted = options.partitions?.map(({ topic, partition }) => partitionKey(topic, partition));
  for (const { name, partitions } of cluster.model.topics.values())
    for (const { index, log } of partitions) {
      const key = partitionKey(name, index);
      if (wanted !== undefined && !wanted.includes(key)) continue;
      const end = options.isolationLevel === undefined ? log.lastStableOffset : log.highWatermark;
      const at =
        options.groupId === undefined
          ? reader.current.find((stream) => stream.key === key)?.position
          : cluster.committed(options.groupId, name, index);
      if (at !== end)
        return `${key} is ${options.groupId === undefined ? 'read' : 'committed'} up to ${String(at ?? 'nothing')} of ${String(end)}`;
    }
  return undefined;
}
