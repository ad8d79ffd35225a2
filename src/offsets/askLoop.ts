import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  filter,
  from,
  mergeMap,
  repeat,
  takeUntil,
  throwIfEmpty,
  timeout,
  type Observable,
} from 'rxjs';
import { OptionsError } from '../errors/index.ts';
import type { Context } from '../cluster/context.ts';
import { isStartPosition, type StartFrom } from '../model/startPosition.ts';
import type { Cursor } from '../table/cursor.ts';
import { due, whenDue, type Due } from '../table/due.ts';
import { asError } from '../cluster/thrown.ts';
import type { Table } from '../table/table.ts';
import { settleOffset } from '../table/located.ts';

export interface Asking {
  readonly context: Context;
  readonly table: Table;
  readonly startFrom: Extract<StartFrom, (...args: never[]) => unknown>;
}

const allowed = "'earliest', 'latest', { offset }, { timestamp } or { ago }: whole numbers from 0 on";

/** Asks the user's own `startFrom` function for each partition that begins there. What it throws errors the stream of that partition. */
export function askLoop(asking: Asking): Observable<never> {
  const { table, context } = asking;
  return whenDue(table.line, () => wanted(asking).wait, context.scheduler).pipe(
    repeat(),
    mergeMap(() => wanted(asking).cursors),
    mergeMap((cursor) => ask(cursor, asking)),
  );
}

function wanted({ table, context }: Asking): Due {
  return due([...table.cursors.values()].filter(isWanted), context.scheduler.now());
}

function isWanted({ state }: Cursor): boolean {
  return state.kind === 'locating' && state.target.kind === 'asked';
}

function ask(cursor: Cursor, { startFrom, context }: Asking): Observable<never> {
  const round = {};
  cursor.route.round = round;
  const { topic, partition } = cursor;
  const current = (): boolean => cursor.route.round === round && isWanted(cursor);
  return defer(() => from(startFrom({ topic, partition }))).pipe(
    throwIfEmpty(
      () => new OptionsError(`startFrom gave no position for ${cursor.key}`, [{ path: 'startFrom', given: undefined, allowed }]),
    ),
    timeout({ first: context.requestTimeout, scheduler: context.scheduler }),
    concatMap((at: unknown) => {
      if (!isStartPosition(at))
        throw new OptionsError(`startFrom gave no position for ${cursor.key}`, [{ path: 'startFrom', given: at, allowed }]);
      cursor.route.release();
      cursor.apply({ kind: 'locate', target: { kind: 'place', at }, reason: 'start' });
      settleOffset(cursor, context);
      return EMPTY;
    }),
    catchError((error: unknown) => {
      if (current()) {
        cursor.route.release();
        cursor.apply({ kind: 'fail', error: asError(error) });
      }
      return EMPTY;
    }),
    takeUntil(cursor.line.wakes.pipe(filter(() => !current()))),
  );
}
