import {
  catchError,
  concat,
  concatMap,
  defer,
  endWith,
  map,
  of,
  ReplaySubject,
  share,
  tap,
  throwError,
  timeout,
  type Observable,
} from 'rxjs';
import { CommitFailedError, ConsumerClosedError } from '../errors/index.ts';
import { asError } from '../cluster/thrown.ts';
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
 * consumer ends with or undefined, and never errors.
 */
export function settlement(engine: Engine): Settle {
  let underWay: Observable<Error | undefined> | undefined;
  return (how, why) =>
    (underWay ??= last(engine, how, why).pipe(
      share({ connector: () => new ReplaySubject(1), resetOnComplete: false, resetOnError: false, resetOnRefCountZero: false }),
    ));
}

function last(engine: Engine, how: How, why: Error | undefined): Observable<Error | undefined> {
  const { scheduler } = engine.context;
  return defer(() => {
    const due = scheduler.now() + engine.settings.closeTimeout;
    return commitAll(engine, why).pipe(
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
  return committer
    .flush(() => isCommitted(engine, heldBy(engine)))
    .pipe(
      endWith(why),
      timeout({ first: closeTimeout, scheduler: context.scheduler, with: () => throwError(() => late) }),
      catchError((error: unknown) => of(why ?? asError(error))),
    );
}

/** Without a word from the coordinator the session runs out by itself: no reason to fail. */
function leave({ settings, context, membership }: Engine, end: Error | undefined, left: number): Observable<Error | undefined> {
  const { mode, closeTimeout } = settings;
  if (membership === undefined || mode.kind !== 'group' || !mode.leaveOnClose) return of(end);
  return concat(membership.leave(), of(undefined)).pipe(
    timeout({ first: Math.max(left, Math.min(closeTimeout, MOMENT)), scheduler: context.scheduler }),
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
