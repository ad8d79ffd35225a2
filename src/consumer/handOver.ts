import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  finalize,
  ignoreElements,
  merge,
  startWith,
  take,
  tap,
  timer,
  type Observable,
} from 'rxjs';
import { HandOverDeadlineError } from '../errors/index.ts';
import type { Why } from '../table/cursorState.ts';
import type { Cursor } from '../table/cursor.ts';
import type { Table } from '../table/table.ts';
import { heldBy, type Engine } from './engine.ts';

/** The streams complete first: what users buffer is flushed and acked. */
export function endStreams(cursors: readonly Cursor[], why: Why): void {
  for (const cursor of cursors) cursor.apply({ kind: 'complete', why });
}

/** Emits as soon as none of these has a record that somebody may still be working on: a level, looked at whenever the table changes. */
export function allAcked(table: Table, cursors: readonly Cursor[]): Observable<undefined> {
  return table.line.wakes.pipe(
    startWith(undefined),
    filter(() => cursors.every((cursor) => cursor.unacked === 0)),
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
    const patience = timer(Math.max(0, deadline - context.scheduler.now()), context.scheduler).pipe(
      tap(() => {
        abortUnacked(cursors);
      }),
    );
    const committed = committer === undefined || settings.commit === false ? EMPTY : committer.flush(() => isCommitted(engine, cursors));
    return concat(
      merge(allAcked(table, cursors), patience).pipe(take(1), ignoreElements()),
      committed.pipe(catchError(() => EMPTY)),
      defer(() => {
        releaseAll(table, cursors);
        context.tell({ kind: 'revoked', partitions });
        return EMPTY;
      }),
    ).pipe(
      finalize(() => {
        // The coordinator waits no longer, and the commit is still on its way. (A consumer that is being closed keeps them for its last commit.)
        if (context.scheduler.now() >= deadline) releaseAll(table, cursors);
      }),
    );
  });
}

/** Nothing is left to tell Kafka of these. Of a topic that is gone nothing can be told, and nobody is to be held up by that. */
export function isCommitted({ cluster }: Engine, cursors: readonly Cursor[]): boolean {
  return cursors.every(({ dirty, topic }) => !dirty || cluster.view.errors.has(topic));
}

/** Work on records that are not acked at the deadline does not count any more: who gets the partition will process them again. */
function abortUnacked(cursors: readonly Cursor[]): void {
  for (const { topic, partition, key, unacked, abort } of cursors) {
    if (unacked === 0) continue;
    const words = `${key} had to be handed over with ${String(unacked)} records that were not acked`;
    abort.abort(new HandOverDeadlineError(words, { topic, partition }));
  }
}

/** Not ours any more. Idempotent: what was assigned since is another matter. */
function releaseAll(table: Table, cursors: readonly Cursor[]): void {
  const held = cursors.filter((cursor) => table.cursors.get(cursor.key) === cursor);
  if (held.length === 0) return;
  table.membership = undefined;
  for (const cursor of held) table.release(cursor);
}
