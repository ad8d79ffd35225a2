import { SimulatedCluster } from '../../../src/testing/index.ts';
import { uniqueTopic } from '../../support/kafka.ts';
import type { SimulatedGround } from './ground.ts';
import { append } from './append.ts';

/** A simulated cluster in real time, with the settings that the tests give to real ones. */
export function simulatedGround(
  cluster: SimulatedCluster = new SimulatedCluster({ settings: { groupMinSessionTimeout: 500 } }),
): SimulatedGround {
  const partitionsOf = (topic: string): readonly number[] => (cluster.model.topics.get(topic)?.partitions ?? []).map((_, index) => index);
  return {
    kind: 'simulated',
    cluster,
    many: 20_000,
    source: () => cluster,
    connector: () => cluster,
    createTopic: (prefix, { partitions, replicationFactor = 1 }) => {
      const topic = uniqueTopic(prefix);
      cluster.topic(topic, partitions, 0, { replicationFactor });
      return Promise.resolve(topic);
    },
    produce: (plan) => Promise.resolve(append(cluster, plan)),
    committed: (groupId, topic) =>
      Promise.resolve(partitionsOf(topic).map((partition) => cluster.committed(groupId, topic, partition) ?? -1)),
    ends: (topic) => Promise.resolve(partitionsOf(topic).map((partition) => cluster.partition(topic, partition).log.highWatermark)),
  };
}
