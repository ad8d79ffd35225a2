import type { NewRecord } from '../protocol/encodeBatch.ts';
import type { Happening } from './happening.ts';
import { checkAlive, checkNode } from './known.ts';
import { viewOf } from './model/admin/view.ts';
import type { ClusterModel } from './model/clusterModel.ts';
import { brokerDown, brokerUp, lead } from './model/leadership.ts';
import type { Partition } from './model/topic.ts';

/** What is the network's part of a happening. */
export interface Network {
  /** Breaks all connections to a broker. */
  cut(node: number): void;
  /** The broker reads and answers nothing from now on, or again. */
  freeze(node: number, frozen: boolean): void;
}

type Kind = Exclude<Happening['kind'], 'fault'>;
type Of<K extends Kind> = Extract<Happening, { readonly kind: K }>;

/** What something happens to. */
interface World {
  readonly cluster: ClusterModel;
  readonly network: Network;
  /** Ms on the cluster's clock. */
  readonly now: number;
}

const effects: { readonly [K in Kind]: (world: World, happening: Of<K>) => void } = {
  append: ({ cluster, now }, happening) => append(partitionOf(cluster, happening), happening.records, now),
  transaction: ({ cluster, now }, happening) => transaction(partitionOf(cluster, happening), happening, now),
  endTransaction: ({ cluster, now }, happening) => endTransaction(partitionOf(cluster, happening), happening, now),
  createTopic: ({ cluster }, { topic, partitions, replicationFactor }) => {
    if (cluster.topics.has(topic)) throw new RangeError(`there is a topic ${topic} already: deleteTopic first, or addPartitions`);
    cluster.createTopic(topic, partitions, replicationFactor);
  },
  addPartitions: ({ cluster }, { topic, partitions }) => addPartitions(cluster, topic, partitions),
  deleteTopic: ({ cluster }, { topic }) => cluster.deleteTopic(topic),
  move: ({ cluster }, happening) => {
    const { leader } = happening;
    if (leader >= 0) checkAlive(cluster, leader);
    lead(cluster, partitionOf(cluster, happening), leader);
  },
  lag: ({ cluster }, happening) => lag(partitionOf(cluster, happening), happening),
  truncate: ({ cluster }, happening) => truncate(partitionOf(cluster, happening), happening.end),
  deleteRecords: ({ cluster }, happening) => partitionOf(cluster, happening).log.deleteBefore(happening.before),
  compact: ({ cluster }, happening) => partitionOf(cluster, happening).log.compact(happening.before),
  down: ({ cluster, network }, { node }) => {
    brokerDown(cluster, node);
    network.cut(node);
    network.freeze(node, false);
  },
  up: ({ cluster, network }, { node }) => {
    brokerUp(cluster, node);
    network.freeze(node, false);
  },
  freeze: ({ network }, { node }) => network.freeze(node, true),
  cut: ({ network }, { node }) => network.cut(node),
  moveCoordinator: ({ cluster }, { node }) => {
    cluster.coordinator = node;
  },
  staleMetadata: ({ cluster }, { node, off }) => staleMetadata(cluster, node, off !== true),
  evict: ({ cluster }, { groupId }) => cluster.groups.evict(groupId),
  rebalance: ({ cluster, now }, { groupId }) => cluster.groups.rebalance(now, groupId),
  commit: ({ cluster }, happening) => {
    partitionOf(cluster, happening);
    cluster.groups.offsets.commit(happening.groupId, { ...happening, leaderEpoch: -1, metadata: '' });
  },
};

/** Makes it happen to the model; parked requests are not looked at yet. Throws RangeError for a topic, partition or broker that is not there. */
export function happen(
  cluster: ClusterModel,
  happening: Exclude<Happening, { readonly kind: 'fault' }>,
  now: number,
  network: Network,
): void {
  if ('node' in happening && happening.node >= 0) checkNode(cluster, happening.node);
  const effect = effects[happening.kind] as (world: World, happening: Happening) => void;
  effect({ cluster, network, now }, happening);
  cluster.changed();
}

export function partitionOf(
  cluster: ClusterModel,
  { topic, partition }: { readonly topic: string; readonly partition: number },
): Partition {
  const found = cluster.find(topic, partition);
  if (found === undefined) throw new RangeError(`there is no partition ${topic}/${String(partition)}`);
  return found;
}

/** So many records, whose values are their offsets. */
export function numbered(count: number, from: number): readonly NewRecord[] {
  return Array.from({ length: count }, (_, index) => ({ value: Buffer.from(String(from + index)) }));
}

function append({ log, leaderEpoch }: Partition, count: number, now: number): void {
  if (count > 0) log.append(numbered(count, log.end), { baseTimestamp: now, leaderEpoch });
}

function transaction(partition: Partition, { records, ends, producerId }: Of<'transaction'>, now: number): void {
  const { log, leaderEpoch } = partition;
  const batch = { baseTimestamp: now, leaderEpoch, isTransactional: true, producerId, producerEpoch: 0, baseSequence: 0 };
  if (records > 0) log.append(numbered(records, log.end), batch);
  if (ends !== 'open') endTransaction(partition, { ends, producerId }, now);
}

function endTransaction(
  { log, leaderEpoch }: Partition,
  { ends, producerId }: Pick<Of<'endTransaction'>, 'ends' | 'producerId'>,
  now: number,
): void {
  log.endTransaction(producerId, 0, ends, now, leaderEpoch);
}

function lag({ lagging, log, leader }: Partition, { node, off }: Of<'lag'>): void {
  if (node === leader) throw new RangeError(`broker ${String(node)} leads: it has everything`);
  if (off === true) lagging.delete(node);
  else lagging.set(node, log.end);
}

function truncate(partition: Partition, end: number): void {
  partition.log.truncateTo(end);
  partition.leaderEpoch++;
}

function addPartitions(cluster: ClusterModel, name: string, partitions: number): void {
  const topic = cluster.topics.get(name);
  if (topic === undefined) throw new RangeError(`there is no topic ${name}`);
  cluster.addPartitions(topic, partitions);
}

function staleMetadata(cluster: ClusterModel, node: number, stale: boolean): void {
  const broker = cluster.brokers.get(node);
  if (broker === undefined) throw new RangeError(`there is no broker ${String(node)}`);
  broker.staleTopics = stale ? viewOf(cluster) : undefined;
}
