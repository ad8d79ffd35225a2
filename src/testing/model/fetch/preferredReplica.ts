import type { ClusterModel } from '../clusterModel.ts';
import type { Replica } from './replica.ts';

/**
 * The follower that a consumer in that rack should rather read from (KIP-392); undefined: none, or the leader itself.
 *
 * It is in the same rack, in sync and has the offset. The leader tells it; nothing is read then.
 */
export function preferredReplica(
  { brokers, settings }: ClusterModel,
  { partition, log, leads }: Replica,
  rackId: string,
  offset: number,
): number | undefined {
  if (!settings.rackAware || rackId === '' || !leads) return undefined;
  if (brokers.get(partition.leader)?.rack === rackId) return undefined;
  return partition.replicas.find((node) => {
    const broker = brokers.get(node);
    const isInSync = broker?.up === true && !partition.lagging.has(node);
    return node !== partition.leader && isInSync && broker.rack === rackId && log.start <= offset && offset <= log.end;
  });
}
