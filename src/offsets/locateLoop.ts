import type { Observable } from 'rxjs';
import type { IsolationLevel } from '../model/startPosition.ts';
import { listOffsetsApi, type ListOffsetsResponse } from '../protocol/apis/listOffsets.ts';
import type { Cursor } from '../table/cursor.ts';
import type { Row } from '../table/row.ts';
import { isOffset, located } from '../table/located.ts';
import { isAnswered, type Ask } from './ask.ts';
import { answerFor, listOffsetsRequest, questionOf } from './listOffsets.ts';
import { lookUpLoop, type LookingUp } from './lookUpLoop.ts';
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
    about: ({ state }) =>
      timestampOf(state.kind === 'locating' && state.target.kind === 'place' ? state.target.at : 'latest', context.scheduler.now()),
    request: (asks) => listOffsetsRequest(asks.map(questionOf), isolationLevel, context.requestTimeout),
    settle: (ask, response) => settle(ask, response, locating),
  });
}

/** An offset is no question: `settleOffset` follows at once. */
function isLost({ state }: Cursor): boolean {
  return state.kind === 'locating' && state.target.kind === 'place' && !isOffset(state.target.at);
}

function settle(ask: Ask, response: ListOffsetsResponse, locating: Locating): void {
  const { cursor } = ask;
  const answer = answerFor(response, ask);
  if (!isAnswered(ask, 'ListOffsets', answer, locating)) return;
  if (answer.offset < 0) {
    atTheEnd(cursor);
    return;
  }
  // The epoch that comes with it is of the record behind that place, or of a leader that has written nothing: of the one before it nothing is known.
  located(cursor, answer.offset, -1, locating.context);
}

/** No record is as young as that: the end of the log as it is now, whatever the reset policy. */
function atTheEnd(cursor: Cursor): void {
  if (cursor.state.kind !== 'locating') return;
  cursor.apply({ kind: 'locate', target: { kind: 'place', at: 'latest' }, reason: cursor.state.reason });
}
