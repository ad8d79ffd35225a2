import type { ClusterModel } from '../clusterModel.ts';
import type { PartitionLog } from '../log/partitionLog.ts';
import type { EpochScope } from '../log/epochs.ts';
import type { Partition } from '../topic.ts';

/** A partition as one broker has it. */
export interface Replica {
  readonly partition: Partition;
  readonly log: PartitionLog;
  readonly leads: boolean;
  /** Where the log ends here: a follower may lag behind. */
  readonly end: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  /** What it knows of epochs. */
  readonly epochs: EpochScope;
}

/** What a request believes of a partition. */
export interface Belief {
  /** -1: nothing. */
  readonly currentLeaderEpoch: number;
  /** Only the leader may answer. */
  readonly onlyLeader: boolean;
}

/** The replica that this broker has of a partition, or Kafka's name of the error why it has none. */
export function replicaAt({ topics }: ClusterModel, node: number, topic: string, index: number): Replica | string {
  const partition = topics.get(topic)?.partitions[index];
  if (partition === undefined) return 'UNKNOWN_TOPIC_OR_PARTITION';
  const { log, leader, leaderEpoch, replicas, lagging } = partition;
  const leads = leader === node;
  if (!leads && !replicas.includes(node)) return 'NOT_LEADER_OR_FOLLOWER';
  const end = leads ? log.end : Math.max(log.start, Math.min(log.end, lagging.get(node) ?? log.end));
  const highWatermark = Math.min(end, log.highWatermark);
  const epochs = leads ? { end, leads: leaderEpoch } : { end };
  return { partition, log, leads, end, highWatermark, lastStableOffset: log.stableBelow(highWatermark), epochs };
}

/** Why this replica does not answer a request that believes this (KIP-320); undefined: it does. */
export function objection({ partition, leads }: Replica, { currentLeaderEpoch, onlyLeader }: Belief): string | undefined {
  if (currentLeaderEpoch >= 0 && currentLeaderEpoch < partition.leaderEpoch) return 'FENCED_LEADER_EPOCH';
  if (currentLeaderEpoch > partition.leaderEpoch) return 'UNKNOWN_LEADER_EPOCH';
  return onlyLeader && !leads ? 'NOT_LEADER_OR_FOLLOWER' : undefined;
}

/** The replica that answers such a request, or the name of the error. */
export function answering(cluster: ClusterModel, node: number, topic: string, index: number, belief: Belief): Replica | string {
  const replica = replicaAt(cluster, node, topic, index);
  return typeof replica === 'string' ? replica : (objection(replica, belief) ?? replica);
}
