import { OffsetOutOfRangeError, type ErrorDetails } from '../errors/index.ts';
import { errorOf } from '../errors/table.ts';
import type { FetchPartitionHeader } from '../protocol/apis/fetch.ts';
import { truncated } from '../table/truncation.ts';
import { AbortedFilter } from './aborted.ts';
import { backOff, backToLeader, fail, type Acceptance } from './acceptance.ts';
import type { Ask, Round } from './round.ts';
import { verdictOf } from './verdict.ts';

/** What a broker says of one partition, before its records. */
export function acceptHeader(round: Round, ask: Ask, header: FetchPartitionHeader, to: Acceptance): void {
  const { cursor } = ask;
  const place: ErrorDetails = { topic: cursor.topic, partition: cursor.partition, broker: to.broker, offset: cursor.fetchOffset };
  const verdict = verdictOf(header);
  switch (verdict) {
    case 'records':
      ask.highWatermark = header.highWatermark;
      if (!round.looks) records(ask, header, to);
      return;
    case 'elsewhere':
      elsewhere(ask, header, to);
      return;
    case 'outOfRange':
      outOfRange(ask, header, place, to);
      return;
    case 'diverged':
      diverged(ask, header, place, to);
      return;
    case 'fail':
      fail(ask, errorOf(header.errorCode, place), to);
      return;
    case 'refresh':
    case 'later':
      trouble(round, ask, header, errorOf(header.errorCode, place), to);
      return;
    default:
      verdict satisfies never;
  }
}

function records(ask: Ask, header: FetchPartitionHeader, { settings }: Acceptance): void {
  const committed = settings.isolationLevel === 'read_committed';
  ask.cursor.end = committed && header.lastStableOffset >= 0 ? header.lastStableOffset : header.highWatermark;
  ask.aborted = new AbortedFilter(committed ? header.abortedTransactions : null);
}

/**
 * A replica that is near us, until the lease is over. One that we do not know of is asked for, and the leader serves us meanwhile. So it does where a follower
 * had nothing for a whole lease of what the leader has: it may have stopped copying, and be named all the same (KAFKA-14372). A leader that goes on naming one
 * though it was not told where we are gives nothing by itself: then the follower is tried again, once in each step.
 */
function elsewhere(
  ask: Ask,
  { preferredReadReplica: nodeId, highWatermark }: FetchPartitionHeader,
  { context, cluster, table }: Acceptance,
): void {
  const now = context.scheduler.now();
  const { fetchOffset = 0, route } = ask.cursor;
  ask.done = true;
  if (route.leaderUntil > now && cluster.view.brokers.has(nodeId)) {
    table.readFrom(ask.cursor, nodeId, now + context.metadataMaxAge);
    route.succeeded(now + context.backoff.initial);
  } else if (route.replicaFrom === fetchOffset && highWatermark > fetchOffset) {
    route.succeeded(now + context.backoff.initial); // the leader has just been asked
    table.backToLeader(ask.cursor, now + context.metadataMaxAge);
  } else if (cluster.view.brokers.has(nodeId)) table.readFrom(ask.cursor, nodeId, now + context.metadataMaxAge);
  else {
    cluster.invalidate();
    table.backToLeader(ask.cursor, now + context.backoff.max);
  }
}

/** Asked again later: of the leader, whoever that is by then. Who is asked in vain may say who it is (KIP-951). */
function trouble(round: Round, ask: Ask, header: FetchPartitionHeader, error: Error, to: Acceptance): void {
  const { topic, partition } = ask.cursor;
  const { leaderId: leader, leaderEpoch } = header.currentLeader;
  if (verdictOf(header) === 'refresh') to.cluster.invalidate();
  if (leader >= 0) round.leaders.push({ topic, partition, leader, leaderEpoch });
  if (ask.ofFollower) backToLeader(ask, error, to);
  else backOff(ask, error, to);
}

/** Nothing is reset by this alone: see `rangeLoop`. */
function outOfRange(ask: Ask, header: FetchPartitionHeader, place: ErrorDetails, to: Acceptance): void {
  const { cursor } = ask;
  const words = `offset ${String(place.offset)} of ${cursor.key} is outside of the log`;
  const error = new OffsetOutOfRangeError(words, { ...place, retriable: true, advice: '' }); // until it is looked up
  if (isDoubtful(ask, header, error, to)) return;
  // Backed off as well: a log that is out of range again and again would be asked at the speed of the network.
  backOff(ask, error, to);
  cursor.route.doubt = { kind: 'range' };
  to.table.doubted(cursor);
}

function diverged(ask: Ask, header: FetchPartitionHeader, place: ErrorDetails, to: Acceptance): void {
  const { cursor } = ask;
  const error = new OffsetOutOfRangeError(`the log of ${cursor.key} is not the one that was read`, { ...place });
  if (isDoubtful(ask, header, error, to)) return;
  ask.done = true;
  truncated(cursor, header.divergingEpoch, place, to);
}

/**
 * Whether what is said against our position is asked once more before it is believed. A follower may lag behind: the leader is asked. So may a leader that has not
 * heard of the epoch of our last record; and by name it may be another topic that is asked: what we believe of the cluster is refreshed first.
 */
function isDoubtful(ask: Ask, { topic }: FetchPartitionHeader, error: Error, to: Acceptance): boolean {
  const { route, lineage, fetchOffset = 0 } = ask.cursor;
  if (ask.ofFollower) {
    backToLeader(ask, error, to);
    return true;
  }
  if (topic === '' && lineage.before(fetchOffset) <= route.leaderEpoch) return false;
  route.suspectedAt ??= to.context.scheduler.now();
  if ((to.cluster.view.askedAt ?? -1) >= route.suspectedAt && route.suspectedAt < to.context.scheduler.now()) return false;
  to.cluster.invalidate();
  backOff(ask, error, to);
  return true;
}
