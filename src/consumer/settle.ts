import {
  catchError,
  concat,
  concatMap,
  defer,
  map,
  of,
  ReplaySubject,
  share,
  tap,
  throwError,
  timeout,
  timer,
  type Observable,
} from 'rxjs';
import { CommitFailedError, ConsumerClosedError, InstanceFencedError } from '../errors/index.ts';
import { asError } from '../cluster/thrown.ts';
import type { Cursor } from '../table/cursor.ts';
import { heldBy, type Engine } from './engine.ts';
import { isCommitted } from './handOver.ts';

/** Long enough to say good-bye to a coordinator that is there: ms. */
const MOMENT = 1_000;

export type How = 'drained' | 'unsubscribed' | 'failed';

/** The last steps of a consumer; the first call says how it ends, further ones wait for the same end. */
export type Settle = (how: How, why?: Error) => Observable<Error | undefined>;

/**
 * Commits what is acked, leaves the group, closes every connection; within `closeTimeout`, and where the commit took all of that, a moment for the
 * good-bye. Emits exactly once, the error that the
 * consumer ends with or undefined, and never errors. `ended` is told of it before anybody else.
 */
export function settlement(engine: Engine, ended: (end: Error | undefined) => void = () => undefined): Settle {
  let underWay: Observable<Error | undefined> | undefined;
  return (how, why) =>
    (underWay ??= last(engine, how, why).pipe(
      tap(ended),
      share({ connector: () => new ReplaySubject(1), resetOnComplete: false, resetOnError: false, resetOnRefCountZero: false }),
    ));
}

function last(engine: Engine, how: How, why: Error | undefined): Observable<Error | undefined> {
  const { scheduler } = engine.context;
  return defer(() => {
    const due = scheduler.now() + engine.settings.closeTimeout;
    // A later action: `ackEach` above a `take` acks the item that ended the subscription right after it.
    const given: Observable<unknown> = how === 'unsubscribed' ? timer(0, scheduler) : of(undefined);
    return given.pipe(
      concatMap(() => commitAll(engine, why)),
      concatMap((end) => leave(engine, end, due - scheduler.now())),
      tap(() => {
        close(engine, how);
      }),
    );
  });
}

/** The error that it began with goes before one of the commit. */
function commitAll(engine: Engine, why: Error | undefined): Observable<Error | undefined> {
  const { settings, context, committer } = engine;
  if (committer === undefined || settings.commit === false) return of(why);
  const { closeTimeout } = settings;
  const late = new CommitFailedError(`the last commit was not answered within ${String(closeTimeout)} ms`, { retriable: true });
  return defer(() => {
    const missing = missingOf(engine);
    return concat(
      committer.flush(() => isCommitted(engine, heldBy(engine)) && missing() === undefined),
      defer(() => of(missing())),
    );
  }).pipe(
    timeout({ first: closeTimeout, scheduler: context.scheduler, with: () => throwError(() => late) }),
    catchError((error: unknown) => of(isFenced(error) ? error.cause : asError(error))),
    map((error) => why ?? error),
  );
}

/**
 * What is held now is to be committed. Tells what of it never will be: the group may find in the answer to the last commit that we are no member any
 * more, and then nothing is held that could be looked at.
 */
function missingOf(engine: Engine): () => Error | undefined {
  const wanted = heldBy(engine).flatMap((cursor) => (cursor.dirty ? [{ cursor, offset: cursor.committable ?? -1 }] : []));
  const isMissing = ({ cursor, offset }: (typeof wanted)[number]): boolean =>
    cursor.state.kind === 'released' && (cursor.committed ?? -1) < offset && !engine.cluster.view.errors.has(cursor.topic);
  return () => {
    const lost = wanted.filter(isMissing).map(({ cursor }) => cursor);
    return lost.length === 0 ? undefined : wentAway(lost);
  };
}

/** What went to somebody else while it was worked off, before all of it was committed. A topic that is gone is nobody's. */
export function goneOf({ settings, committer, cluster }: Engine, cursors: readonly Cursor[]): Error | undefined {
  if (committer === undefined || settings.commit === false) return undefined;
  const gone = cursors.filter(
    ({ state, topic, position = -1, committed = -1 }) =>
      state.kind === 'released' && committed < position && !cluster.view.errors.has(topic),
  );
  return gone.length === 0 ? undefined : wentAway(gone);
}

function wentAway(cursors: readonly Cursor[]): Error {
  return new CommitFailedError(`${cursors.map(({ key }) => key).join(', ')} went to somebody else before the last commit`);
}

function isFenced(error: unknown): error is { readonly cause: InstanceFencedError } {
  return error instanceof CommitFailedError && error.cause instanceof InstanceFencedError;
}

/** Without a word from the coordinator the session runs out by itself: no reason to fail. */
function leave({ settings, context, membership, table }: Engine, end: Error | undefined, spare: number): Observable<Error | undefined> {
  const { mode, closeTimeout } = settings;
  if (membership === undefined || mode.kind !== 'group' || !mode.leaveOnClose) return of(end);
  const left = defer(() => {
    table.membership = undefined; // whoever would commit still has nobody to commit for
    return membership.leave();
  });
  return concat(left, of(undefined)).pipe(
    timeout({ first: Math.max(spare, Math.min(closeTimeout, MOMENT)), scheduler: context.scheduler }),
    catchError(() => of(undefined)),
    map(() => end),
  );
}

/** Nothing counts any more, and nothing of ours is left open. */
function close(engine: Engine, how: How): void {
  const { table, cluster, context } = engine;
  let unacked = 0;
  let uncommitted = 0;
  for (const cursor of heldBy(engine)) {
    unacked += cursor.held.records;
    if (engine.committer !== undefined && cursor.dirty) uncommitted++;
    cursor.abort.abort(new ConsumerClosedError('the consumer is closed'));
    table.release(cursor);
  }
  cluster.close();
  context.tell({ kind: 'closed', how, unacked, uncommitted });
}
