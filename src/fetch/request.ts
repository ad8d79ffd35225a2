import type { IsolationLevel } from '../model/startPosition.ts';
import type { FetchPartition, FetchRequest } from '../protocol/apis/fetch.ts';
import type { Cursor } from '../table/cursor.ts';

export interface FetchSettings {
  readonly minBytes: number;
  /** Milliseconds. */
  readonly maxWait: number;
  readonly maxBytes: number;
  readonly maxPartitionBytes: number;
  readonly isolationLevel: IsolationLevel;
  readonly checkCrcs: boolean;
}

/** A request for the next records of each cursor, at most what it has room for. Sessions (KIP-227) are not used. */
export function fetchRequest(cursors: readonly Cursor[], settings: FetchSettings, maxWaitMs: number): FetchRequest {
  const topics = new Map<string, FetchPartition[]>();
  for (const cursor of cursors) {
    const partitions = topics.get(cursor.topic) ?? [];
    topics.set(cursor.topic, partitions);
    partitions.push(partitionOf(cursor, settings.maxPartitionBytes));
  }
  return {
    clusterId: null,
    replicaId: -1,
    maxWaitMs,
    minBytes: settings.minBytes,
    maxBytes: settings.maxBytes,
    isolationLevel: settings.isolationLevel === 'read_committed' ? 1 : 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
    forgottenTopicsData: [],
    rackId: '',
  };
}

/** The leader epoch always goes along: without it a deposed leader goes on answering, as a follower, without an error (KIP-320, KIP-392). */
function partitionOf(cursor: Cursor, maxPartitionBytes: number): FetchPartition {
  return {
    partition: cursor.partition,
    currentLeaderEpoch: cursor.route.leaderEpoch,
    fetchOffset: cursor.fetchOffset ?? 0,
    lastFetchedEpoch: cursor.lastFetchedEpoch,
    logStartOffset: -1,
    partitionMaxBytes: Math.min(maxPartitionBytes, Math.floor(cursor.room)),
  };
}

/** A poll that some partition may cut short is kept short: a broker answers one fetch after another, and the partition would wait for its end. */
export const SHORT_POLL = 50;
const RECENTLY = 1_000;

/**
 * How long this poll may last, in ms: `maxWait`, but not while a partition of the same broker is about to be fetched. Its position is being
 * looked up; or it is behind, has nothing left to deliver and is held back only by records that its subscriber is acking just now.
 */
export function pollWait(cursors: readonly Cursor[], maxWait: number, now: number): number {
  return cursors.some((cursor) => isImminent(cursor, now)) ? Math.min(maxWait, SHORT_POLL) : maxWait;
}

function isImminent(cursor: Cursor, now: number): boolean {
  if (cursor.state.kind === 'locating') return cursor.delivery.attached;
  return cursor.heldByDemand && (cursor.behind ?? 0) > 0 && !cursor.held.hasUndelivered && now - cursor.route.ackedAt <= RECENTLY;
}
