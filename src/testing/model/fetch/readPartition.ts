import { codeOf } from '../../../errors/table.ts';
import type { EpochEndOffset, LeaderIdAndEpoch, PartitionData, SnapshotId } from '../../../protocol/apis/fetch.ts';
import type { ClusterModel } from '../clusterModel.ts';
import { BY_NAME, type Asked } from './asked.ts';
import { preferredReplica } from './preferredReplica.ts';
import { objection, replicaAt, type Replica } from './replica.ts';

/** Who fetches, and how. */
export interface Reader {
  readonly cluster: ClusterModel;
  readonly node: number;
  readonly version: number;
  readonly rackId: string;
  /** Only what has been committed. */
  readonly committed: boolean;
}

/** How much of one partition may be read. */
export interface Room {
  readonly maxBytes: number;
  /** Nothing has been read yet: the first batch is read whole. */
  readonly atLeastOne: boolean;
}

const nothing = Buffer.alloc(0);
const noEpochEnd: EpochEndOffset = { epoch: -1, endOffset: -1 };
const noLeader: LeaderIdAndEpoch = { leaderId: -1, leaderEpoch: -1 };
const noSnapshot: SnapshotId = { endOffset: -1, epoch: -1 };

/** The first version that a follower answers (KIP-392). */
const FOLLOWERS_SINCE = 11;

/** What a broker answers for one partition. */
export function readPartition(reader: Reader, asked: Asked, room: Room): PartitionData {
  const replica = replicaFor(reader, asked);
  if (typeof replica === 'string') return failed(asked, replica);
  const preferred = preferredFor(reader, asked, replica);
  const objected = objection(replica, { ...asked.partition, onlyLeader: preferred === undefined && reader.version < FOLLOWERS_SINCE });
  if (objected !== undefined) return failed(asked, objected);
  if (preferred !== undefined) return { ...known(asked, replica), preferredReadReplica: preferred };
  return readFrom(reader, asked, replica, room);
}

/** Whether there is no error and nothing new in that partition since, so that a long poll may go on; then how many bytes of it can be read. */
export function readable(reader: Reader, asked: Asked): number | undefined {
  const replica = replicaFor(reader, asked);
  if (typeof replica === 'string') return undefined;
  if (objection(replica, { ...asked.partition, onlyLeader: reader.version < FOLLOWERS_SINCE }) !== undefined) return undefined;
  const { fetchOffset, partitionMaxBytes } = asked.partition;
  const end = endFor(reader, replica);
  // Beyond what may be read a broker does not let anybody wait.
  if (fetchOffset > end || divergence(asked, replica) !== undefined) return undefined;
  return Math.min(replica.log.bytesBetween(fetchOffset, end), partitionMaxBytes);
}

/** What is answered for a partition with that error. */
export function failed({ partition }: Asked, error: string): PartitionData {
  return {
    partitionIndex: partition.partition,
    errorCode: codeOf(error),
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    abortedTransactions: null,
    preferredReadReplica: -1,
    records: nothing,
    divergingEpoch: noEpochEnd,
    currentLeader: noLeader,
    snapshotId: noSnapshot,
  };
}

function replicaFor({ cluster, node }: Reader, { topic = '', topicId, partition }: Asked): Replica | string {
  const replica = replicaAt(cluster, node, topic, partition.partition);
  if (typeof replica !== 'string' && topicId !== BY_NAME && replica.partition.topic.id !== topicId) return 'INCONSISTENT_TOPIC_ID';
  return replica;
}

function preferredFor({ cluster, version, rackId }: Reader, { partition }: Asked, replica: Replica): number | undefined {
  return version < FOLLOWERS_SINCE ? undefined : preferredReplica(cluster, replica, rackId, partition.fetchOffset);
}

function endFor({ committed }: Reader, { highWatermark, lastStableOffset }: Replica): number {
  return committed ? lastStableOffset : highWatermark;
}

function readFrom(reader: Reader, asked: Asked, replica: Replica, { maxBytes, atLeastOne }: Room): PartitionData {
  const { log, end } = replica;
  const { fetchOffset } = asked.partition;
  const diverging = divergence(asked, replica);
  if (diverging === 'unknown' || fetchOffset < log.start) return failed(asked, 'OFFSET_OUT_OF_RANGE');
  if (diverging !== undefined) return { ...known(asked, replica), divergingEpoch: diverging };
  if (fetchOffset > end) return failed(asked, 'OFFSET_OUT_OF_RANGE');
  const upTo = endFor(reader, replica);
  if (fetchOffset >= upTo) return { ...known(asked, replica), abortedTransactions: reader.committed ? [] : null };
  const limit = Math.min(maxBytes, asked.partition.partitionMaxBytes);
  const size = log.sizeOfBatchAt(fetchOffset);
  const records = log.read(fetchOffset, { maxBytes: limit, upTo, atLeastOne });
  // Of a partition whose first batch has no room, or that ends in a hole, nothing is told either.
  const isLeftOut = size === 0 || (limit > 0 && limit < size && !atLeastOne);
  const aborted = reader.committed && !isLeftOut ? log.abortedAround(fetchOffset, records.length) : null;
  return { ...known(asked, replica), records, abortedTransactions: aborted };
}

/** Where the log parts from what the client has read (KIP-595); undefined: it does not. `unknown`: its epoch is none of this log. */
function divergence({ partition }: Asked, { log, epochs }: Replica): EpochEndOffset | 'unknown' | undefined {
  const { lastFetchedEpoch, fetchOffset } = partition;
  if (lastFetchedEpoch < 0) return undefined;
  const found = log.endOfEpoch(lastFetchedEpoch, epochs);
  if (found.epoch < 0 || found.endOffset < 0) return 'unknown';
  return found.epoch < lastFetchedEpoch || found.endOffset < fetchOffset ? found : undefined;
}

/** What is told of every partition that there is. */
function known(asked: Asked, { log, highWatermark, lastStableOffset }: Replica): PartitionData {
  return { ...failed(asked, 'NONE'), highWatermark, lastStableOffset, logStartOffset: log.start };
}
