import { kafkaErrorOf } from '../errors/table.ts';
import type { PartitionOffset } from '../model/events.ts';
import type { Membership } from '../model/partitionStream.ts';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../protocol/apis/offsetCommit.ts';
import type { Cursor } from '../table/cursor.ts';
import { byTopic, isTopic, topicIdOf } from './byTopic.ts';

/** What is committed for one partition, and what must still hold for the answer to count. */
export interface Entry extends PartitionOffset {
  readonly cursor: Cursor;
  readonly positionEpoch: number;
  /** The epoch of the leader that wrote the record before `offset` (KIP-320); -1: not known. */
  readonly leaderEpoch: number;
  /** How many acks it is made for. */
  readonly acked: number;
}

/** What may be committed of these: by default of those of which Kafka knows something else. */
export function entriesOf(cursors: Iterable<Cursor>, isWanted: (cursor: Cursor) => boolean = isDirty): readonly Entry[] {
  const entries: Entry[] = [];
  for (const cursor of cursors) {
    const { topic, partition, committable: offset, positionEpoch, ackedSinceCommit: acked } = cursor;
    if (!isWanted(cursor) || offset === undefined || offset < 0) continue;
    entries.push({ cursor, topic, partition, offset, positionEpoch, leaderEpoch: cursor.lineage.before(offset), acked });
  }
  return entries;
}

function isDirty({ dirty }: Cursor): boolean {
  return dirty;
}

export function offsetCommitRequest(groupId: string, membership: Membership | undefined, entries: readonly Entry[]): OffsetCommitRequest {
  return {
    groupId,
    generationIdOrMemberEpoch: membership?.generation ?? -1,
    memberId: membership?.memberId ?? '',
    groupInstanceId: membership?.instanceId ?? null,
    retentionTimeMs: -1,
    topics: byTopic(entries).map(([name, own]) => ({
      name,
      topicId: topicIdOf(own.map(({ cursor }) => cursor)),
      partitions: own.map(({ partition, offset, leaderEpoch }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedLeaderEpoch: leaderEpoch,
        committedMetadata: '',
      })),
    })),
  };
}

/** Which entries the coordinator took, and the error codes of the others. An entry without an answer counts as failed. */
export function judge(
  response: OffsetCommitResponse,
  entries: readonly Entry[],
): { readonly taken: readonly Entry[]; readonly refused: ReadonlyMap<Entry, number> } {
  const taken: Entry[] = [];
  const refused = new Map<Entry, number>();
  for (const entry of entries) {
    const topic = response.topics.find((one) => isTopic(one, entry.cursor));
    const code = topic?.partitions.find(({ partitionIndex }) => partitionIndex === entry.partition)?.errorCode ?? -1;
    if (code === 0) taken.push(entry);
    else refused.set(entry, code);
  }
  return { taken, refused };
}

/** What a coordinator says of single partitions, while it takes others. */
const OF_PARTITIONS: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_TOPIC_ID',
  'INCONSISTENT_TOPIC_ID',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'OFFSET_METADATA_TOO_LARGE',
  'INVALID_COMMIT_OFFSET_SIZE',
]);

/** Whether a code speaks of a partition rather than of who sent the commit, or of the coordinator. `taken`: others were committed with it. */
export function isOfPartition(code: number, taken: boolean): boolean {
  const { name, invalidates } = kafkaErrorOf(code);
  return OF_PARTITIONS.has(name) || (taken && !isEviction(code) && invalidates !== 'coordinator');
}

/** Whether a code speaks of the member that sent the commit rather than of a partition. */
export function isEviction(code: number): boolean {
  const { name, invalidates } = kafkaErrorOf(code);
  return invalidates === 'member' || name === 'REBALANCE_IN_PROGRESS';
}
