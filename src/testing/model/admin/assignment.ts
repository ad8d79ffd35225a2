import type { ClusterModel } from '../clusterModel.ts';
import type { Topic } from '../topic.ts';

/** What is wrong with a request for one topic. */
export interface Wrong {
  /** Kafka's name of the error. */
  readonly error: string;
  readonly message: string | null;
}

/** What is wrong with the replicas that a partition shall have; undefined: nothing. `factor`: how many the others have, if there are others. */
export function wrongReplicas(
  { brokers }: ClusterModel,
  index: number,
  replicas: readonly number[],
  factor: number | undefined,
): Wrong | undefined {
  const invalid = (message: string): Wrong => ({ error: 'INVALID_REPLICA_ASSIGNMENT', message });
  if (replicas.length === 0) return invalid('The manual partition assignment includes an empty replica list.');
  const unknown = replicas.find((node) => !brokers.has(node));
  if (unknown !== undefined) {
    return invalid(`The manual partition assignment includes broker ${unknown}, but no such broker is registered.`);
  }
  const twice = replicas.find((node, i) => replicas.indexOf(node) !== i);
  if (twice !== undefined) return invalid(`The manual partition assignment includes the broker ${twice} more than once.`);
  if (factor === undefined || factor === replicas.length) {
    if (replicas.some((node) => brokers.get(node)?.up === true)) return undefined;
    const where = `in the manual partition assignment for partition ${index}`;
    return invalid(`All brokers specified ${where} are fenced or in controlled shutdown.`);
  }
  const both = `has a replication factor of ${replicas.length}, which is not consistent with previous partitions`;
  return invalid(`The manual partition assignment includes a partition with ${replicas.length} replica(s), ${both}: ${factor}.`);
}

/** Puts a partition on these brokers; the first that is up leads. */
export function assign({ brokers }: ClusterModel, topic: Topic, index: number, replicas: readonly number[]): void {
  const partition = topic.partitions[index];
  if (partition === undefined) return;
  partition.replicas = replicas;
  partition.leader = replicas.find((node) => brokers.get(node)?.up === true) ?? -1;
}
