import type { ClusterModel, TopicView } from '../clusterModel.ts';
import type { Topic } from '../topic.ts';

/** What a broker that knows everything tells of all topics. */
export function viewOf(cluster: ClusterModel): readonly TopicView[] {
  return [...cluster.topics.values()].map((topic) => viewOfTopic(cluster, topic));
}

export function viewOfTopic({ brokers }: ClusterModel, { name, id, isInternal, partitions }: Topic): TopicView {
  const isUp = (node: number): boolean => brokers.get(node)?.up === true;
  return {
    name,
    id,
    isInternal,
    partitions: partitions.map(({ index, leader, leaderEpoch, replicas, lagging }) => ({
      index,
      leader,
      leaderEpoch,
      replicas,
      isr: replicas.filter((node) => isUp(node) && !lagging.has(node)),
      offline: replicas.filter((node) => !isUp(node)),
    })),
  };
}
