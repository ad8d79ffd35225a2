import { isInternal } from './admin/topicNames.ts';
import { PartitionLog } from './log/partitionLog.ts';

/** A partition: its log, and who keeps it. */
export interface Partition {
  readonly topic: Topic;
  readonly index: number;
  readonly log: PartitionLog;
  /** Node id; -1: none. */
  leader: number;
  leaderEpoch: number;
  /** Node ids; the first is the preferred leader. */
  replicas: readonly number[];
  /** Where the log ends on followers that lag behind, by node; a replica that is not listed has all of it. */
  readonly lagging: Map<number, number>;
}

export interface Topic {
  readonly name: string;
  /** 32 hex digits (KIP-516): another one each time that a topic of this name is created. */
  readonly id: string;
  readonly isInternal: boolean;
  readonly partitions: Partition[];
}

/** A topic whose partitions are led by these brokers in turn, beginning with the first; each is on `replicationFactor` of them. */
export function newTopic(name: string, id: string, partitions: number, nodes: readonly number[], replicationFactor: number): Topic {
  const topic: Topic = { name, id, isInternal: isInternal(name), partitions: [] };
  growTopic(topic, partitions, nodes, replicationFactor);
  return topic;
}

/** Adds partitions, up to that many. */
export function growTopic(topic: Topic, partitions: number, nodes: readonly number[], replicationFactor: number): void {
  for (let index = topic.partitions.length; index < partitions; index++) {
    const replicas = Array.from(
      { length: Math.min(replicationFactor, nodes.length) },
      (_, copy) => nodes[(index + copy) % nodes.length] ?? -1,
    );
    topic.partitions.push({
      topic,
      index,
      log: new PartitionLog(),
      leader: replicas[0] ?? -1,
      leaderEpoch: 0,
      replicas,
      lagging: new Map(),
    });
  }
}
