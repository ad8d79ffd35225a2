import type { Observable } from 'rxjs';
import { UnknownTopicError } from '../errors/index.ts';
import { errorOf, kafkaErrorOf } from '../errors/table.ts';
import type { IsolationLevel } from '../model/startPosition.ts';
import { listOffsetsApi, type ListOffsetsResponse } from '../protocol/apis/listOffsets.ts';
import type { Cursor } from '../table/cursor.ts';
import type { Row } from '../table/row.ts';
import { isOffset, located } from '../table/located.ts';
import { setBack } from '../table/setBack.ts';
import { answerFor, listOffsetsRequest, type Question } from './listOffsets.ts';
import { lookUpLoop, type Asking, type LookingUp } from './lookUpLoop.ts';
import { timestampOf } from './place.ts';

export interface Locating extends LookingUp {
  readonly isolationLevel: IsolationLevel;
}

/** Looks up places in the logs that one broker leads. */
export function locateLoop(locating: Locating, row: Row): Observable<never> {
  const { context, isolationLevel } = locating;
  return lookUpLoop(locating, row, {
    api: listOffsetsApi,
    line: row.line,
    isWanted: isLost,
    ask: (cursor) => new Ask(cursor, context.scheduler.now()),
    request: (asks: readonly Ask[]) => listOffsetsRequest(asks, isolationLevel, context.requestTimeout),
    settle: (ask, response) => settle(ask, response, locating),
  });
}

/** An offset is no question: `settleOffset` follows at once. */
function isLost({ state }: Cursor): boolean {
  return state.kind === 'locating' && state.target.kind === 'place' && !isOffset(state.target.at);
}

/** One partition in a round; `current` while its answer still means something. */
class Ask implements Asking, Question {
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
