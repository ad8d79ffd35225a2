import { catchError, concat, defer, EMPTY, filter, ignoreElements, merge, startWith, take, timer, type Observable } from 'rxjs';
import { HandOverDeadlineError } from '../errors/index.ts';
import type { Why } from '../table/cursorState.ts';
import type { Cursor } from '../table/cursor.ts';
import type { Table } from '../table/table.ts';
import { heldBy, type Engine } from './engine.ts';

/** The streams complete first: what users buffer is flushed and acked. */
export function endStreams(cursors: readonly Cursor[], why: Why): void {
  for (const cursor of cursors) cursor.apply({ kind: 'complete', why });
}

/** Emits once, as soon as none of these has a record that somebody may still be working on: a level, looked at whenever the table changes. */
export function allAcked(table: Table, cursors: readonly Cursor[]): Observable<unknown> {
  return table.line.wakes.pipe(
    startWith(undefined),
    filter(() => cursors.every((cursor) => cursor.unacked === 0)),
    take(1),
  );
}

/**
 * Gives up everything that is held (eager rebalance): streams complete, acks are awaited until `deadline` (ms on the scheduler's clock),
 * committed under the generation that is still ours, and the partitions released. Never errors.
 */
export function handOver(engine: Engine, deadline: number): Observable<never> {
  return defer(() => {
    const { table, context, committer, settings } = engine;
    const cursors = heldBy(engine);
    const partitions = cursors.map(({ topic, partition }) => ({ topic, partition }));
    context.tell({ kind: 'revokeRequested', partitions, deadline });
    endStreams(cursors, 'revoked');
    const patience = timer(Math.max(0, deadline - context.scheduler.now()), context.scheduler);
    const committed =
      committer === undefined || settings.commit === false ? EMPTY : committer.flush(() => cursors.every(({ dirty }) => !dirty));
    return concat(
      merge(allAcked(table, cursors), patience).pipe(take(1), ignoreElements()),
      committed.pipe(catchError(() => EMPTY)),
      defer(() => {
        releaseAll(engine, cursors, deadline);
        context.tell({ kind: 'revoked', partitions });
        return EMPTY;
      }),
    );
  });
}

/** Work on records that are not acked by now does not count any more: who gets the partition will process them again. */
function releaseAll({ table }: Engine, cursors: readonly Cursor[], deadline: number): void {
  for (const cursor of cursors) {
    const { topic, partition, key, unacked } = cursor;
    if (unacked > 0) {
      const words = `${key} was handed over at ${String(deadline)} with ${String(unacked)} records that were not acked`;
      cursor.abort.abort(new HandOverDeadlineError(words, { topic, partition }));
    }
    table.release(cursor);
  }
  table.membership = undefined;
}
