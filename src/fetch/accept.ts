import { BrokerError, CorruptBatchError, OffsetOutOfRangeError, type ErrorDetails } from '../errors/index.ts';
import { errorOf } from '../errors/table.ts';
import type { Context } from '../cluster/context.ts';
import type { AutoOffsetReset } from '../model/startPosition.ts';
import { partitionKey } from '../model/topicPartition.ts';
import type { FetchPartitionHeader } from '../protocol/apis/fetch.ts';
import type { FetchPart } from '../protocol/fetchParts.ts';
import type { Cursor } from '../table/cursor.ts';
import type { PartitionEvent } from '../table/partitionEvent.ts';
import { setBack } from '../table/setBack.ts';
import { AbortedFilter } from './aborted.ts';
import type { FetchSettings } from './request.ts';
import { minRound, type Ask, type Round } from './round.ts';
import { verdictOf } from './verdict.ts';

/** What taking in an answer needs to know, and whom it tells. */
export interface Acceptance {
  readonly context: Context;
  readonly settings: FetchSettings;
  readonly autoOffsetReset: AutoOffsetReset;
  /** `host:port`, for errors. */
  readonly broker: string;
  /** Who leads what proved wrong. */
  readonly invalidate: () => void;
}

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
      return on(round, part.header.topic, part.header.partitionIndex, (ask) => {
        acceptHeader(ask, part.header, to);
      });
    case 'batch':
      return on(round, part.topic, part.partition, (ask) => {
        acceptBatch(ask, part, to);
        round.cameIn(part.batch.memory);
      });
    case 'corrupt':
      return on(round, part.topic, part.partition, (ask) => {
        const { topic, partition, reason } = part;
        const offset = part.offset < 0 ? (ask.cursor.fetchOffset ?? 0) : part.offset;
        const words = `no record batch at offset ${String(offset)} of ${partitionKey(topic, partition)}: ${reason}`;
        fail(ask, new CorruptBatchError(words, offset, offset, { topic, partition, broker: to.broker }));
      });
    case 'end':
      return acceptEnd(round, part.bytes, to);
    default:
      return part satisfies never;
  }
}

function on(round: Round, topic: string, partition: number, change: (ask: Ask) => void): readonly PartitionEvent[] {
  const ask = round.find(partitionKey(topic, partition));
  if (ask?.current !== true) return [];
  change(ask);
  return [{ kind: 'batch', cursor: ask.cursor }];
}

function acceptHead(round: Round, part: FetchPart & { readonly kind: 'head' }, { context, broker }: Acceptance): readonly PartitionEvent[] {
  if (part.throttleTimeMs > 0) {
    round.row.notBefore = context.scheduler.now() + part.throttleTimeMs;
    context.tell({ kind: 'throttled', broker, delay: part.throttleTimeMs });
  }
  if (part.errorCode !== 0) throw errorOf(part.errorCode, { broker });
  return [];
}

function acceptHeader(ask: Ask, header: FetchPartitionHeader, to: Acceptance): void {
  const { cursor } = ask;
  const { settings, broker } = to;
  const place: ErrorDetails = { topic: cursor.topic, partition: cursor.partition, broker, offset: cursor.fetchOffset };
  const verdict = verdictOf(header);
  switch (verdict) {
    case 'records':
      cursor.end =
        settings.isolationLevel === 'read_committed' && header.lastStableOffset >= 0 ? header.lastStableOffset : header.highWatermark;
      ask.aborted = new AbortedFilter(settings.isolationLevel === 'read_committed' ? header.abortedTransactions : null);
      return;
    case 'outOfRange':
      outOfRange(ask, place, to);
      return;
    case 'diverged':
      divergedAt(ask, header.divergingEpoch.endOffset, place, to);
      return;
    case 'fail':
      fail(ask, errorOf(header.errorCode, place));
      return;
    case 'refresh':
      to.invalidate();
      backOff(ask, errorOf(header.errorCode, place), to.context);
      return;
    case 'later':
      backOff(ask, errorOf(header.errorCode, place), to.context);
      return;
    default:
      verdict satisfies never;
  }
}

function acceptBatch(ask: Ask, { batch }: FetchPart & { readonly kind: 'batch' }, { settings, broker }: Acceptance): void {
  const { cursor } = ask;
  if (batch.nextOffset <= (cursor.fetchOffset ?? 0)) return;
  if (settings.checkCrcs && !batch.crcIsGood()) {
    const { topic, partition } = cursor;
    const words = `the checksum of the batch of ${cursor.key} at offsets ${String(batch.baseOffset)} to ${String(batch.lastOffset)} is wrong`;
    fail(ask, new CorruptBatchError(words, batch.baseOffset, batch.lastOffset, { topic, partition, broker }));
    return;
  }
  ask.served = true;
  cursor.receive(batch, ask.aborted.isDeliverable(batch));
}

function acceptEnd(round: Round, bytes: number, { context, broker }: Acceptance): readonly PartitionEvent[] {
  round.succeeded(minRound(context.backoff));
  const duration = context.scheduler.now() - round.sentAt;
  context.tell({ kind: 'fetched', broker, partitions: round.partitions, bytes, duration });
  return [];
}

function fail(ask: Ask, error: Error): void {
  ask.done = true;
  ask.cursor.apply({ kind: 'fail', error });
}

/** The round goes on for the others. */
function backOff(ask: Ask, error: Error, context: Context): void {
  ask.done = true;
  setBack(ask.cursor, 'Fetch', error, context);
}

/** It may be the log of another topic of the same name. So metadata is asked whether it is, before the partition is given up. */
function divergedAt(ask: Ask, endOffset: number, place: ErrorDetails, { context, invalidate }: Acceptance): void {
  const error = diverged(ask.cursor, endOffset, place);
  const { route } = ask.cursor;
  if (route.suspected) {
    fail(ask, error);
    return;
  }
  route.suspected = true;
  invalidate();
  backOff(ask, error, context);
}

/** Only once everything before it is delivered: what is buffered is still in the log that we read. It may be another topic by now: metadata is asked. */
function outOfRange(ask: Ask, place: ErrorDetails, { context, autoOffsetReset, invalidate }: Acceptance): void {
  const { cursor } = ask;
  invalidate();
  const words = `offset ${String(place.offset)} of ${cursor.key} is outside of the log`;
  const error = new OffsetOutOfRangeError(words, { ...place });
  if (autoOffsetReset === 'none') fail(ask, error);
  else if (cursor.held.hasUndelivered) backOff(ask, error, context);
  else {
    // Backed off as well: a log that is out of range again and again would be asked at the speed of the network.
    backOff(ask, error, context);
    cursor.relocate({ kind: 'place', at: autoOffsetReset }, 'reset');
  }
}

function diverged(cursor: Cursor, endOffset: number, place: ErrorDetails): Error {
  const words = `the log of ${cursor.key} was truncated to offset ${String(endOffset)} below what was read of it (unclean leader election)`;
  return new BrokerError('LOG_TRUNCATED', words, { ...place, advice: `seek({ offset: ${String(endOffset)} }) to read on from there.` });
}
