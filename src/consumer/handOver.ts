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
  switchMap,
  take,
  tap,
  timer,
  type Observable,
} from 'rxjs';
import { HandOverDeadlineError } from '../errors/index.ts';
import type { TopicPartition } from '../model/topicPartition.ts';
import type { Why } from '../table/cursorState.ts';
import type { Cursor } from '../table/cursor.ts';
import type { Table } from '../table/table.ts';
import type { Engine } from './engine.ts';

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
 * Gives up what a rebalance takes away: streams complete, acks are awaited until the last of the `deadlines` (ms on the scheduler's clock; the first
 * comes at once), committed as the member that we are, and the partitions released. Never errors. The other partitions do not notice.
 */
export function handOver(engine: Engine, places: readonly TopicPartition[], deadlines: Observable<number>): Observable<never> {
  return defer(() => {
    const { table, context } = engine;
    const cursors = places.flatMap(({ topic, partition }) => table.find(topic, partition) ?? []);
    let due = Infinity;
    const limits = deadlines.pipe(tap((deadline) => (due = deadline)));
    const acked = defer(() => {
      endStreams(cursors, 'revoked');
      return allAcked(table, cursors);
    });
    const release = onlyOnce(() => {
      const released = releaseAll(table, cursors);
      // What was lost meanwhile has been told of.
      if (released.length > 0 || cursors.length === 0) context.tell({ kind: 'revoked', partitions: plain(released) });
    });
    return concat(
      merge(patience(context, cursors, limits), acked).pipe(take(1), ignoreElements()),
      committed(engine, cursors),
      defer(() => {
        release();
        return EMPTY;
      }),
    ).pipe(
      finalize(() => {
        // The coordinator waits no longer, and the commit is still on its way. (A consumer that is being closed keeps them for its last commit.)
        if (context.scheduler.now() >= due) release();
      }),
    );
  });
}

function onlyOnce(act: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act();
  };
}

/** What may be committed of these is. Who commits by hand has a moment for it after the last ack, and the time that its commit takes. */
function committed(engine: Engine, cursors: readonly Cursor[]): Observable<never> {
  const { committer, settings, context } = engine;
  if (committer === undefined) return EMPTY;
  if (settings.commit === false) return concat(timer(0, context.scheduler).pipe(ignoreElements()), committer.idle);
  const done = (): boolean => isCommitted(engine, cursors);
  return committer.flush(done, () => cursors).pipe(catchError(() => EMPTY));
}

/** Emits at the last of the deadlines: work on what is not acked by then does not count any more. The first one is told. */
function patience({ scheduler, tell }: Engine['context'], cursors: readonly Cursor[], deadlines: Observable<number>): Observable<unknown> {
  return deadlines.pipe(
    switchMap((deadline, index) => {
      if (index === 0) tell({ kind: 'revokeRequested', partitions: plain(cursors), deadline });
      return timer(Math.max(0, deadline - scheduler.now()), scheduler);
    }),
    tap(() => {
      abortUnacked(cursors);
    }),
  );
}

/** Only their names. */
export function plain(cursors: readonly Cursor[]): readonly TopicPartition[] {
  return cursors.map(({ topic, partition }) => ({ topic, partition }));
}

/** Nothing is left to tell Kafka of these. Of a topic that is gone nothing can be told, and nobody is to be held up by that. */
export function isCommitted({ cluster }: Engine, cursors: readonly Cursor[]): boolean {
  return cursors.every(({ owing, topic }) => !owing || cluster.view.errors.has(topic));
}

/** Work on records that are not acked at the deadline does not count any more: who gets the partition will process them again. */
function abortUnacked(cursors: readonly Cursor[]): void {
  for (const { topic, partition, key, unacked, abort } of cursors) {
    if (unacked === 0) continue;
    const words = `${key} had to be handed over with ${String(unacked)} records that were not acked`;
    abort.abort(new HandOverDeadlineError(words, { topic, partition }));
  }
}

/** Not ours any more. Idempotent: what was assigned since is another matter. Answers what was ours until now. */
function releaseAll(table: Table, cursors: readonly Cursor[]): readonly Cursor[] {
  const held = cursors.filter((cursor) => table.cursors.get(cursor.key) === cursor);
  if (held.length === 0) return held;
  // Written down first: who is woken by a release must not take the time between two assignments for one of nothing.
  if (held.length === table.cursors.size) table.membership = undefined;
  for (const cursor of held) table.release(cursor);
  return held;
}
