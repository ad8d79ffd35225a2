import { catchError, defer, EMPTY, finalize, ignoreElements, repeat, retry, takeUntil, tap, throwError, type Observable } from 'rxjs';
import type { Context } from '../cluster/context.ts';
import type { Cluster } from '../cluster/ports.ts';
import { isRetriable } from '../cluster/thrown.ts';
import { UnsupportedVersionError } from '../errors/index.ts';
import type { Api } from '../protocol/api.ts';
import type { Cursor } from '../table/cursor.ts';
import { due, whenDue, type Due } from '../table/due.ts';
import type { Row } from '../table/row.ts';
import { setBack } from '../table/setBack.ts';
import type { Table } from '../table/table.ts';
import type { Wake } from '../table/wake.ts';
import { Ask } from './ask.ts';

/** The rooms that a look-up needs. */
export interface LookingUp {
  readonly context: Context;
  readonly cluster: Cluster;
  readonly table: Table;
}

/** Something that leaders are asked about their logs. */
export interface LookUp<Q, R> {
  readonly api: Api<Q, R>;
  /** Wakes where there may be something to ask. */
  readonly line: Wake;
  readonly isWanted: (cursor: Cursor) => boolean;
  /** What is asked: a timestamp, or an epoch. */
  readonly about: (cursor: Cursor) => number;
  readonly request: (questions: readonly Ask[]) => Q;
  readonly settle: (ask: Ask, response: R) => void;
  /** The broker does not speak that API. Absent: that is an error of the consumer. */
  readonly untold?: (ask: Ask) => void;
}

/** Asks one broker about the logs that it leads, for as long as it is subscribed and the broker is there. The same shape as the fetch loop. */
export function lookUpLoop<Q, R>(rooms: LookingUp, row: Row, lookUp: LookUp<Q, R>): Observable<never> {
  const ready = (): Observable<unknown> => whenDue(lookUp.line, () => wanted(rooms, row, lookUp.isWanted).wait, rooms.context.scheduler);
  return lookUpRound(rooms, row, lookUp).pipe(
    repeat({ delay: ready }),
    retry({ delay: (error: unknown) => (isRetriable(error) ? ready() : throwError(() => error)) }),
    takeUntil(row.gone.wakes),
  );
}

function wanted({ context, table }: LookingUp, row: Row, isWanted: (cursor: Cursor) => boolean): Due {
  return due(table.ledBy(row.nodeId).filter(isWanted), context.scheduler.now());
}

function lookUpRound<Q, R>(rooms: LookingUp, row: Row, lookUp: LookUp<Q, R>): Observable<never> {
  const { context, cluster } = rooms;
  const { api, isWanted, untold } = lookUp;
  return defer(() => {
    const { cursors } = wanted(rooms, row, isWanted);
    if (cursors.length === 0) return EMPTY;
    const asks = cursors.map((cursor) => new Ask(cursor, lookUp.about(cursor), isWanted));
    return cluster
      .link(row.nodeId, 'control')
      .request(api, lookUp.request(asks), context.requestTimeout)
      .pipe(
        tap((response) => {
          for (const ask of asks) if (ask.current) lookUp.settle(ask, response);
        }),
        catchError((error: unknown) => {
          const left = asks.filter(({ current }) => current);
          if (untold !== undefined && error instanceof UnsupportedVersionError) {
            for (const ask of left) untold(ask);
            return EMPTY;
          }
          for (const { cursor } of left) setBack(cursor, api.name, error, context);
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
