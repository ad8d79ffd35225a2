import { catchError, defer, EMPTY, finalize, ignoreElements, repeat, retry, takeUntil, tap, throwError, type Observable } from 'rxjs';
import type { Context } from '../cluster/context.ts';
import type { Cluster } from '../cluster/ports.ts';
import { UnknownTopicError } from '../errors/index.ts';
import { isRetriable } from '../cluster/thrown.ts';
import { errorOf, kafkaErrorOf } from '../errors/table.ts';
import type { IsolationLevel } from '../model/startPosition.ts';
import { listOffsetsApi, type ListOffsetsResponse } from '../protocol/apis/listOffsets.ts';
import type { Cursor } from '../table/cursor.ts';
import { due, whenDue, type Due } from '../table/due.ts';
import type { Row } from '../table/row.ts';
import { isOffset, located } from '../table/located.ts';
import { setBack } from '../table/setBack.ts';
import type { Table } from '../table/table.ts';
import { answerFor, listOffsetsRequest, type Question } from './listOffsets.ts';
import { timestampOf } from './place.ts';

export interface Locating {
  readonly context: Context;
  readonly cluster: Cluster;
  readonly table: Table;
  readonly isolationLevel: IsolationLevel;
}

/** Looks up places in the logs that one broker leads, for as long as it is subscribed and the broker is there. The same shape as the fetch loop. */
export function locateLoop(locating: Locating, row: Row): Observable<never> {
  const { scheduler } = locating.context;
  const ready = (): Observable<unknown> => whenDue(row.line, () => wanted(locating, row).wait, scheduler);
  return locateRound(locating, row).pipe(
    repeat({ delay: ready }),
    retry({ delay: (error: unknown) => (isRetriable(error) ? ready() : throwError(() => error)) }),
    takeUntil(row.gone.wakes),
  );
}

function wanted({ context, table }: Locating, row: Row): Due {
  const lost = table.ledBy(row.nodeId).filter(isLost);
  return due(lost, context.scheduler.now());
}

/** An offset is no question: `settleOffset` follows at once. */
function isLost({ state }: Cursor): boolean {
  return state.kind === 'locating' && state.target.kind === 'place' && !isOffset(state.target.at);
}

function locateRound(locating: Locating, row: Row): Observable<never> {
  const { context, cluster, isolationLevel } = locating;
  return defer(() => {
    const { cursors } = wanted(locating, row);
    if (cursors.length === 0) return EMPTY;
    const asks = cursors.map((cursor) => new Ask(cursor, context.scheduler.now()));
    const request = listOffsetsRequest(asks, isolationLevel, context.requestTimeout);
    return cluster
      .link(row.nodeId, 'control')
      .request(listOffsetsApi, request, context.requestTimeout)
      .pipe(
        tap((response) => {
          for (const ask of asks) if (ask.current) settle(ask, response, locating);
        }),
        catchError((error: unknown) => {
          for (const ask of asks) if (ask.current) setBack(ask.cursor, 'ListOffsets', error, context);
          cluster.invalidate();
          return throwError(() => error);
        }),
        finalize(() => {
          for (const ask of asks) if (ask.current) ask.cursor.route.release();
        }),
        ignoreElements(),
      );
  });
}

/** One partition in a round; `current` while its answer still means something. */
class Ask implements Question {
  readonly cursor: Cursor;
  readonly topic: string;
  readonly partition: number;
  readonly timestamp: number;
  readonly leaderEpoch: number;
  private readonly positionEpoch: number;

  constructor(cursor: Cursor, now: number) {
    const { state } = cursor;
    this.cursor = cursor;
    this.topic = cursor.topic;
    this.partition = cursor.partition;
    this.timestamp = timestampOf(state.kind === 'locating' && state.target.kind === 'place' ? state.target.at : 'latest', now);
    this.leaderEpoch = cursor.route.leaderEpoch;
    this.positionEpoch = cursor.positionEpoch;
    cursor.route.round = this;
  }

  get current(): boolean {
    const { cursor } = this;
    return cursor.route.round === this && cursor.positionEpoch === this.positionEpoch && cursor.state.kind === 'locating';
  }
}

function settle({ cursor, topic, partition }: Ask, response: ListOffsetsResponse, { context, cluster }: Locating): void {
  const place = { topic, partition };
  const answer = answerFor(response, place);
  if (answer === undefined) {
    setBack(cursor, 'ListOffsets', new UnknownTopicError(`no answer for ${cursor.key}`, { ...place, retriable: true }), context);
    return;
  }
  if (answer.errorCode !== 0) {
    const { invalidates } = kafkaErrorOf(answer.errorCode);
    const error = errorOf(answer.errorCode, place);
    if (invalidates === 'metadata') cluster.invalidate();
    if (error.retriable) setBack(cursor, 'ListOffsets', error, context);
    else cursor.apply({ kind: 'fail', error });
    return;
  }
  if (answer.offset < 0) {
    atTheEnd(cursor);
    return;
  }
  // The epoch that comes with it is of the record behind that place, or of a leader that has written nothing: of the one before it nothing is known.
  located(cursor, answer.offset, -1, context);
}

/** No record is as young as that: the end of the log as it is now, whatever the reset policy. */
function atTheEnd(cursor: Cursor): void {
  if (cursor.state.kind !== 'locating') return;
  cursor.apply({ kind: 'locate', target: { kind: 'place', at: 'latest' }, reason: cursor.state.reason });
}
