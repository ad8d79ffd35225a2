import { catchError, defer, EMPTY, from, ignoreElements, mergeMap, startWith, take, tap, throwIfEmpty, type Observable } from 'rxjs';
import type { Context } from '../cluster/context.ts';
import type { StartFrom, StartPosition } from '../model/startPosition.ts';
import type { Cursor } from '../table/cursor.ts';
import { due } from '../table/due.ts';
import { asError } from '../cluster/thrown.ts';
import type { Table } from '../table/table.ts';
import { settleOffset } from './place.ts';

export interface Asking {
  readonly context: Context;
  readonly table: Table;
  readonly startFrom: Extract<StartFrom, (...args: never[]) => unknown>;
}

/** Asks the user's own `startFrom` function for each partition that begins there. What it throws errors the stream of that partition. */
export function askLoop(asking: Asking): Observable<never> {
  const { table, context } = asking;
  return table.line.wakes.pipe(
    startWith(undefined),
    mergeMap(() => due([...table.cursors.values()].filter(wanted), context.scheduler.now()).cursors),
    mergeMap((cursor) => ask(cursor, asking)),
  );
}

function wanted({ state }: Cursor): boolean {
  return state.kind === 'locating' && state.target.kind === 'asked';
}

function ask(cursor: Cursor, { startFrom, context }: Asking): Observable<never> {
  if (cursor.route.round !== undefined) return EMPTY;
  const round = {};
  cursor.route.round = round;
  const { topic, partition } = cursor;
  const current = (): boolean => cursor.route.round === round && wanted(cursor);
  return defer(() => from(startFrom({ topic, partition }))).pipe(
    take(1),
    throwIfEmpty(() => new Error(`startFrom gave no position for ${cursor.key}`)),
    tap((at: StartPosition) => {
      if (!current()) return;
      cursor.route.release();
      cursor.apply({ kind: 'locate', target: { kind: 'place', at }, reason: 'start' });
      settleOffset(cursor, context);
    }),
    catchError((error: unknown) => {
      if (current()) cursor.apply({ kind: 'fail', error: asError(error) });
      cursor.route.release();
      return EMPTY;
    }),
    ignoreElements(),
  );
}
