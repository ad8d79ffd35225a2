import type { Observable } from 'rxjs';
import { OffsetOutOfRangeError } from '../errors/index.ts';
import type { AutoOffsetReset } from '../model/startPosition.ts';
import { EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, listOffsetsApi, type ListOffsetsResponse } from '../protocol/apis/listOffsets.ts';
import type { Cursor } from '../table/cursor.ts';
import type { Doubt } from '../table/doubt.ts';
import { located } from '../table/located.ts';
import type { Row } from '../table/row.ts';
import { setBack } from '../table/setBack.ts';
import { isAnswered, type Ask } from './ask.ts';
import { answerFor, listOffsetsRequest, questionOf } from './listOffsets.ts';
import { lookUpLoop, type LookingUp } from './lookUpLoop.ts';

export interface Ranging extends LookingUp {
  readonly autoOffsetReset: AutoOffsetReset;
}

/**
 * Where a leader has said that a position is out of range: asks it where its log begins and, if it is not that, where it ends. Only what lies outside of that is
 * reset as `autoOffsetReset` says; else the position stays: a leader that is new, or whose older records lie elsewhere, may say so wrongly. The same shape as the
 * fetch loop.
 */
export function rangeLoop(ranging: Ranging, row: Row): Observable<never> {
  return lookUpLoop(ranging, row, {
    api: listOffsetsApi,
    line: row.doubts,
    isWanted: (cursor) => doubtOf(cursor) !== undefined,
    about: (cursor) => (doubtOf(cursor)?.low === undefined ? EARLIEST_TIMESTAMP : LATEST_TIMESTAMP),
    // The end of the log, whatever is committed of it: a position may lie behind that.
    request: (asks) => listOffsetsRequest(asks.map(questionOf), 'read_uncommitted', ranging.context.requestTimeout),
    settle: (ask, response) => settle(ask, response, ranging),
  });
}

function doubtOf({ state, route: { doubt } }: Cursor): (Doubt & { readonly kind: 'range' }) | undefined {
  return state.kind === 'fetching' && doubt?.kind === 'range' ? doubt : undefined;
}

function settle(ask: Ask, response: ListOffsetsResponse, ranging: Ranging): void {
  const answer = answerFor(response, ask);
  if (!isAnswered(ask, 'ListOffsets', answer, ranging)) return;
  const { cursor } = ask;
  const { route, fetchOffset = 0 } = cursor;
  const low = doubtOf(cursor)?.low;
  route.release();
  if (low === undefined && answer.offset <= fetchOffset) route.doubt = { kind: 'range', low: answer.offset };
  else {
    route.doubt = undefined;
    if (low === undefined) outside(cursor, { low: answer.offset }, ranging);
    else if (fetchOffset > answer.offset) outside(cursor, { low, high: answer.offset }, ranging);
    // The leader of another history, as of a cluster that was restored: it has never heard of the epoch of our last record.
    else if (cursor.lineage.before(fetchOffset) > route.leaderEpoch) cursor.lineage.begin(-1, fetchOffset);
  }
  cursor.wakeAll();
}

/** Only once everything before it is delivered: what is buffered is still in the log that we read. */
function outside(cursor: Cursor, { low, high }: { readonly low: number; readonly high?: number }, ranging: Ranging): void {
  const { context, autoOffsetReset } = ranging;
  const { topic, partition, fetchOffset = 0 } = cursor;
  const log = high === undefined ? `begins at ${String(low)}` : `has offsets ${String(low)} to ${String(high)}`;
  const error = new OffsetOutOfRangeError(`offset ${String(fetchOffset)} of ${cursor.key} is outside of the log, which ${log}`, {
    topic,
    partition,
    offset: fetchOffset,
  });
  if (high !== undefined) cursor.endsAt(high);
  if (autoOffsetReset === 'none') cursor.apply({ kind: 'fail', error });
  else if (cursor.held.hasUndelivered) setBack(cursor, 'Fetch', error, context);
  else if (autoOffsetReset === 'latest')
    cursor.relocate({ kind: 'place', at: 'latest' }, 'reset'); // the last stable offset, under read_committed
  else {
    cursor.relocate({ kind: 'place', at: { offset: low } }, 'reset');
    located(cursor, low, -1, context);
  }
}
