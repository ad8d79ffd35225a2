import { partitionKey } from '../../src/model/topicPartition.ts';
import type { Happening } from '../../src/testing/happening.ts';
import type { SimulatedCluster } from '../../src/testing/simulatedCluster.ts';
import type { LogHappening } from './plan.ts';

/** A log that ends earlier than it did. */
export interface Cut {
  readonly topic: string;
  readonly partition: number;
  readonly end: number;
}

/** Whether it can happen now: what it is about is there. */
export function isPossible(cluster: SimulatedCluster, happening: Happening | LogHappening): boolean {
  const { model } = cluster;
  if (happening.kind === 'fault') return true;
  if (happening.kind === 'createTopic') return !model.topics.has(happening.topic);
  if (happening.kind === 'deleteTopic' || happening.kind === 'addPartitions') return model.topics.has(happening.topic);
  if (happening.kind === 'restart') return model.brokers.get(happening.node)?.up === true;
  if (!('partition' in happening)) return true;
  const partition = model.find(happening.topic, happening.partition);
  if (partition === undefined) return false;
  // Nobody is made a leader while it is down, and nobody lags behind itself.
  if (happening.kind === 'move') return model.brokers.get(happening.leader)?.up !== false;
  return happening.kind !== 'lag' || (partition.leader !== happening.node && partition.replicas.includes(happening.node));
}

/** `read`: how far any consumer has come in that partition. Returns what takes it away again, where something does. */
export function apply(
  cluster: SimulatedCluster,
  happening: Exclude<Happening, { readonly kind: 'fault' }> | LogHappening,
  read: (topic: string, partition: number) => number,
): (() => void) | undefined {
  switch (happening.kind) {
    case 'unclean': {
      const { topic, partition, from, below } = happening;
      const { log } = cluster.partition(topic, partition);
      const end = Math.max(log.start, Math.min(log.end, from === 'end' ? log.end : read(topic, partition)) - below);
      cluster.apply({ kind: 'truncate', topic, partition, end });
      return undefined;
    }
    case 'keyed': {
      const { topic, partition, records, keys } = happening;
      const { end } = cluster.partition(topic, partition).log;
      const all = Array.from({ length: records }, (_, index) => ({
        key: Buffer.from(String((end + index) % keys)),
        value: Buffer.from(String(end + index)),
      }));
      cluster.append(topic, partition, all, { leaderEpoch: cluster.partition(topic, partition).leaderEpoch });
      return undefined;
    }
    case 'damage': {
      const { topic, partition, below } = happening;
      const { log } = cluster.partition(topic, partition);
      log.damage(Math.max(log.start, log.end - below));
      return () => repair(cluster, topic, partition);
    }
    case 'restart':
      cluster.apply({ kind: 'down', node: happening.node });
      cluster.apply({ kind: 'up', node: happening.node });
      return undefined;
    default:
      cluster.apply(happening);
      return undefined;
  }
}

/** Whose marker was cut off would be open for ever: nothing behind it could be read. */
export function endTransactions(cluster: SimulatedCluster, topic: string, partition: number): void {
  for (const producerId of cluster.partition(topic, partition).log.openTransactions.keys())
    cluster.apply({ kind: 'endTransaction', topic, partition, ends: 'abort', producerId });
}

/** No batch of it is damaged any more. */
function repair(cluster: SimulatedCluster, topic: string, partition: number): void {
  const log = cluster.model.find(topic, partition)?.log;
  if (log === undefined) return;
  const damaged = [...log.entries()].filter((entry) => entry.damaged).map(({ offset }) => offset);
  for (const offset of damaged) if ([...log.entries(offset)][0]?.damaged === true) log.damage(offset);
}

/** The logs that `work` cuts. */
export function cutBy(cluster: SimulatedCluster, work: () => void): readonly Cut[] {
  const before = endsOf(cluster);
  work();
  const after = endsOf(cluster);
  return [...before].flatMap(([key, { topic, partition, id, end }]) => {
    const now = after.get(key);
    return now?.id === id && now.end < end ? [{ topic, partition, end: now.end }] : [];
  });
}

function endsOf({ model }: SimulatedCluster): ReadonlyMap<string, Cut & { readonly id: string }> {
  const ends = new Map<string, Cut & { readonly id: string }>();
  for (const { name: topic, id, partitions } of model.topics.values())
    for (const { index: partition, log } of partitions) ends.set(partitionKey(topic, partition), { topic, partition, id, end: log.end });
  return ends;
}
