import type { IsolationLevel } from '../model/startPosition.ts';
import { NO_TOPIC_ID } from '../model/topicPartition.ts';
import type { FetchRequest } from '../protocol/apis/fetch.ts';
import type { Cursor } from '../table/cursor.ts';
import type { Asked, SessionRequest } from './session.ts';

export interface FetchSettings {
  readonly minBytes: number;
  /** Milliseconds. */
  readonly maxWait: number;
  readonly maxBytes: number;
  readonly maxPartitionBytes: number;
  readonly isolationLevel: IsolationLevel;
  readonly checkCrcs: boolean;
  /** Where we are: the leader names a replica near that (KIP-392). Empty: not said. */
  readonly rackId: string;
}

/** A request as the session has it. `rackId`: empty where no replica is wanted. */
export function fetchRequest(session: SessionRequest, settings: FetchSettings, maxWaitMs: number, rackId: string): FetchRequest {
  return {
    clusterId: null,
    replicaId: -1,
    maxWaitMs,
    minBytes: settings.minBytes,
    maxBytes: settings.maxBytes,
    isolationLevel: settings.isolationLevel === 'read_committed' ? 1 : 0,
    ...session,
    rackId,
  };
}

/**
 * The next records of a partition, at most what it has room for. The leader epoch always goes along: without it a deposed leader goes on answering, as a
 * follower, without an error (KIP-320, KIP-392). With the epoch of the last record the broker tells whether its log is the one that we read.
 */
export function askedOf(cursor: Cursor, maxPartitionBytes: number): Asked {
  const { topic, partition, route, lineage, fetchOffset = 0 } = cursor;
  return {
    topic,
    topicId: route.topicId === '' ? NO_TOPIC_ID : route.topicId,
    partition: {
      partition,
      currentLeaderEpoch: route.leaderEpoch,
      fetchOffset,
      lastFetchedEpoch: lineage.before(fetchOffset),
      logStartOffset: -1,
      partitionMaxBytes: Math.min(maxPartitionBytes, Math.floor(cursor.room)),
    },
  };
}

/** A poll that some partition may cut short is kept short: a broker answers one fetch after another, and the partition would wait for its end. */
export const SHORT_POLL = 50;
const RECENTLY = 1_000;

/**
 * How long this poll may last, in ms: `maxWait`, but not while a partition of the same broker is about to be fetched. Its position is being
 * looked up, or its log is in doubt; or it is behind, has nothing left to deliver and is held back only by records that its subscriber is acking just now.
 */
export function pollWait(cursors: readonly Cursor[], maxWait: number, now: number): number {
  return cursors.some((cursor) => isImminent(cursor, now)) ? Math.min(maxWait, SHORT_POLL) : maxWait;
}

function isImminent(cursor: Cursor, now: number): boolean {
  if (cursor.state.kind === 'locating' || cursor.route.doubt !== undefined) return cursor.delivery.attended;
  return cursor.heldByDemand && (cursor.behind ?? 0) > 0 && !cursor.held.hasUndelivered && now - cursor.route.ackedAt <= RECENTLY;
}
