import { CorruptBatchError } from '../errors/index.ts';
import { errorOf } from '../errors/table.ts';
import { partitionKey } from '../model/topicPartition.ts';
import type { FetchPart } from '../protocol/fetchParts.ts';
import { passHole } from '../table/hole.ts';
import type { BatchView } from '../protocol/recordBatch.ts';
import type { PartitionEvent } from '../table/partitionEvent.ts';
import type { Table } from '../table/table.ts';
import { backOff, fail, type Acceptance } from './acceptance.ts';
import { acceptHeader } from './acceptHeader.ts';
import { minRound, type Ask, type Round } from './round.ts';

type Part<K extends FetchPart['kind']> = Extract<FetchPart, { readonly kind: K }>;

/** The first version that compares the epoch of our last record with its log. */
const DIVERGENCE_SINCE = 12;

/**
 * Takes one part of an answer into the table, and tells which partition has something new.
 *
 * Each part is checked for staleness when it is taken in, since the one before it may have been emitted to user code that seeks,
 * unsubscribes or stops.
 */
export function accept(round: Round, part: FetchPart, to: Acceptance): readonly PartitionEvent[] {
  switch (part.kind) {
    case 'head':
      return acceptHead(round, part, to);
    case 'partition':
      return on(round.find({ ...part.header, partition: part.header.partitionIndex }), (ask) => {
        acceptHeader(round, ask, part.header, to);
      });
    case 'batch':
      return on(round.find(part), (ask) => {
        if (round.looks) acceptLook(ask, part, to);
        else {
          acceptBatch(ask, part, to);
          round.cameIn(part.batch.memory);
        }
      });
    case 'corrupt':
      return on(round.find(part), (ask) => {
        acceptCorrupt(ask, part, to);
      });
    case 'end':
      return acceptEnd(round, part, to);
    default:
      return part satisfies never;
  }
}

function on(ask: Ask | undefined, change: (ask: Ask) => void): readonly PartitionEvent[] {
  if (ask?.current !== true) return [];
  change(ask);
  return [{ kind: 'batch', cursor: ask.cursor }];
}

function acceptHead(round: Round, part: Part<'head'>, { context, table, broker }: Acceptance): readonly PartitionEvent[] {
  if (part.throttleTimeMs > 0) {
    round.throttled = true;
    round.row.notBefore = context.scheduler.now() + part.throttleTimeMs;
    context.tell({ kind: 'throttled', broker, delay: part.throttleTimeMs });
  }
  if (part.errorCode !== 0) throw errorOf(part.errorCode, { broker });
  round.sessionId = part.sessionId;
  if (part.version >= DIVERGENCE_SINCE) return [];
  for (const ask of round.asks) if (ask.current) prove(ask, table);
  return [];
}

/** Nothing is taken in before the log of this leader is found to be the one that was read. Where nothing is known of that, what is read from now on is of this leader. */
function prove(ask: Ask, table: Table): void {
  const { route, lineage, fetchOffset = 0 } = ask.cursor;
  if (lineage.before(fetchOffset) < 0) route.provenIn = route.leaderEpoch;
  if (route.provenIn === route.leaderEpoch) return;
  ask.done = true;
  route.doubt = { kind: 'unproven' };
  route.release();
  table.doubted(ask.cursor);
}

function acceptBatch(ask: Ask, { batch }: Part<'batch'>, to: Acceptance): void {
  const { cursor } = ask;
  if (batch.nextOffset <= (cursor.fetchOffset ?? 0)) return;
  if (to.settings.checkCrcs && !batch.crcIsGood()) {
    const { topic, partition } = cursor;
    const words = `the checksum of the batch of ${cursor.key} at offsets ${String(batch.baseOffset)} to ${String(batch.lastOffset)} is wrong`;
    fail(ask, new CorruptBatchError(words, batch.baseOffset, batch.lastOffset, { topic, partition, broker: to.broker }), to);
    return;
  }
  const why = nonsense(ask, batch);
  if (why !== undefined) {
    misplaced(ask, batch, why, to);
    return;
  }
  ask.served = true;
  cursor.route.misplaced = false;
  cursor.receive(batch, ask.aborted.isDeliverable(batch));
}

/**
 * Why a batch cannot stand where it says; undefined: it can. The checksum covers neither the base offset nor the epoch, and to go on with either would be to read on
 * anywhere, or to be told by the broker that its own log is not the one that was read. A broker tells of the end before it reads: what was written in between stands behind
 * that end, but then it follows what was read.
 */
function nonsense({ cursor, highWatermark }: Ask, { baseOffset, leaderEpoch }: BatchView): string | undefined {
  const { route, fetchOffset = 0 } = cursor;
  if (route.leaderEpoch >= 0 && leaderEpoch > route.leaderEpoch)
    return `it is of epoch ${String(leaderEpoch)}, and the leader of ${String(route.leaderEpoch)}`;
  if (highWatermark >= 0 && baseOffset >= highWatermark && baseOffset > fetchOffset) return `the log ends at ${String(highWatermark)}`;
  return undefined;
}

/** It may have been damaged on its way: it is asked for again, once. */
function misplaced(ask: Ask, { baseOffset, lastOffset }: BatchView, why: string, to: Acceptance): void {
  const { cursor } = ask;
  const { topic, partition, route } = cursor;
  const words = `the batch of ${cursor.key} at offsets ${String(baseOffset)} to ${String(lastOffset)} cannot stand there: ${why}`;
  const advice = 'Subscribe again to ask again. If it stays so, the log of that broker is damaged.'; // where the batch really stands is not known
  const error = new CorruptBatchError(words, baseOffset, lastOffset, { topic, partition, broker: to.broker, advice });
  if (route.misplaced) fail(ask, error, to);
  else backOff(ask, error, to);
  route.misplaced = !route.misplaced;
}

/**
 * The log goes on there: what lies before it, up to the end, is a hole. Of which epoch that was nobody can know any more: it counts to the batch behind it, as
 * every hole does, since an older one would look like truncation behind the end of that epoch.
 */
function acceptLook(ask: Ask, { batch }: Part<'batch'>, { settings }: Acceptance): void {
  const { cursor } = ask;
  const { fetchOffset = 0 } = cursor;
  ask.served = true;
  if (batch.baseOffset <= fetchOffset || (settings.checkCrcs && !batch.crcIsGood()) || nonsense(ask, batch) !== undefined) return;
  cursor.lineage.note(batch.leaderEpoch, fetchOffset);
  passHole(cursor, Math.min(batch.baseOffset, cursor.end ?? 0));
}

function acceptCorrupt(ask: Ask, part: Part<'corrupt'>, to: Acceptance): void {
  const { topic, partition, fetchOffset = 0 } = ask.cursor;
  const offset = part.offset < 0 ? fetchOffset : part.offset;
  const words = `no record batch at offset ${String(offset)} of ${partitionKey(topic, partition)}: ${part.reason}`;
  fail(ask, new CorruptBatchError(words, offset, offset, { topic, partition, broker: to.broker }), to);
}

function acceptEnd(
  round: Round,
  { bytes, nodeEndpoints }: Part<'end'>,
  { context, cluster, broker }: Acceptance,
): readonly PartitionEvent[] {
  round.succeeded(minRound(context.backoff));
  const duration = context.scheduler.now() - round.sentAt;
  context.tell({ kind: 'fetched', broker, partitions: round.partitions, bytes, duration });
  if (round.leaders.length > 0) cluster.learn(round.leaders, nodeEndpoints);
  return [];
}
