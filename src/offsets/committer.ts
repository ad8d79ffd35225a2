import {
  catchError,
  concat,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  repeat,
  retry,
  share,
  tap,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import type { Context } from '../cluster/context.ts';
import type { Coordinator } from '../cluster/ports.ts';
import { CommitFailedError, KafkaRxError } from '../errors/index.ts';
import { errorOf, kafkaErrorOf } from '../errors/table.ts';
import type { PartitionOffset } from '../model/events.ts';
import type { Membership } from '../model/partitionStream.ts';
import { offsetCommitApi, type OffsetCommitResponse } from '../protocol/apis/offsetCommit.ts';
import { SLOW_CLOCK, whenDue } from '../table/due.ts';
import { asError } from '../cluster/thrown.ts';
import type { Table } from '../table/table.ts';
import { entriesOf, isEviction, judge, offsetCommitRequest, type Entry } from './commit.ts';
import { commitFailedAt, committedAt, untilCommit } from './commitPace.ts';

export interface Committing {
  readonly context: Context;
  readonly coordinator: Coordinator;
  readonly table: Table;
  readonly groupId: string;
  /** Only as a member of the group: between two memberships nothing is ours to commit. */
  readonly asMember: boolean;
  /** Milliseconds between commits. */
  readonly interval: number;
  /** The coordinator says that it does not count us as a member any more, or not in this generation. `under`: whom the commit was made for. */
  readonly evicted: (error: KafkaRxError, under: Membership | undefined) => void;
}

export interface Committer {
  /** Commits by interval and by count for as long as it is subscribed. Errors only where no commit can ever succeed. */
  readonly running: Observable<never>;
  /** Commits until `done` holds or there is nothing to commit, and completes. Errors with CommitFailedError where trying again does not help. */
  flush(done: () => boolean): Observable<never>;
}

/** Keeps the group's coordinator told of what may be committed. At most one OffsetCommit is under way; each is made anew from the table. */
export function createCommitter(committing: Committing): Committer {
  const { context, table, interval } = committing;
  const { scheduler, backoff, random } = context;
  let pace = committedAt(scheduler.now());
  let underWay: Observable<never> | undefined;

  const outside = (): boolean => committing.asMember && table.membership === undefined;
  const idle = (): boolean => outside() || entriesOf(table.cursors.values()).length === 0;
  const wait = (): number =>
    outside() ? SLOW_CLOCK : untilCommit(pace, table.cursors.values(), { interval, every: table.commitEvery }, scheduler.now());

  const attempt = commitRound(committing).pipe(
    tap({
      complete: () => {
        pace = committedAt(scheduler.now());
      },
      error: () => {
        pace = commitFailedAt(pace, scheduler.now(), backoff, random);
      },
    }),
    finalize(() => {
      underWay = undefined;
      table.line.wake();
    }),
  );
  // Who asks for a commit while one is under way waits for that one, and then looks whether it was enough.
  const shared = defer(() => (underWay ??= attempt.pipe(share())));

  // What could not be told is made anew after the back-off, from what the table says by then. What was refused for others concerns nobody who is done.
  const flush = (done: () => boolean): Observable<never> =>
    defer(() => {
      if (done() || idle()) return EMPTY;
      const told = catchError<never, Observable<never>>((error: unknown) => {
        if (done()) return EMPTY;
        if (!isRetriable(error)) return throwError(() => error);
        return timer(Math.max(1, pace.notBefore - scheduler.now()), scheduler).pipe(ignoreElements());
      });
      return concat(shared.pipe(told), flush(done));
    });

  const ready = (): Observable<unknown> => whenDue(table.line, wait, scheduler);
  const running = defer(() => (wait() === 0 ? shared : EMPTY)).pipe(
    repeat({ delay: ready }),
    retry({ delay: (error: unknown) => (isFatal(error) ? throwError(() => causeOf(error)) : ready()) }),
  );
  return { running, flush };
}

/** One OffsetCommit and its answer. */
function commitRound(committing: Committing): Observable<never> {
  const { context, coordinator, table, groupId } = committing;
  return defer(() => {
    const entries = entriesOf(table.cursors.values());
    const { membership } = table;
    return coordinator.request('control', offsetCommitApi, offsetCommitRequest(groupId, membership, entries), context.requestTimeout).pipe(
      tap((response) => {
        settle(entries, response, membership, committing);
      }),
      catchError((cause: unknown) => {
        const retrying = isRetriable(cause);
        context.tell({ kind: 'commitFailed', offsets: entries.map(plain), error: asError(cause), retrying });
        const words = `the offsets of ${String(entries.length)} partitions were not committed: ${asError(cause).message}`;
        return throwError(() => new CommitFailedError(words, { cause, retriable: retrying }));
      }),
      ignoreElements(),
    );
  });
}

/** Writes down what was taken; throws for what was not. */
function settle(entries: readonly Entry[], response: OffsetCommitResponse, sentAs: Membership | undefined, committing: Committing): void {
  const { context, coordinator, evicted } = committing;
  const { taken, refused } = judge(response, entries);
  for (const { cursor, offset, positionEpoch, acked } of taken) {
    cursor.committed = offset;
    cursor.ackedSinceCommit -= acked;
    cursor.committedEpoch = positionEpoch;
    if (cursor.positionEpoch === positionEpoch) cursor.commitSoon = false;
  }
  if (taken.length > 0) context.tell({ kind: 'committed', offsets: taken.map(plain) });
  const [first] = refused;
  if (first === undefined) return;
  const [{ topic, partition, offset }, code] = first;
  const error = errorOf(code, { topic, partition, offset });
  if (kafkaErrorOf(code).invalidates === 'coordinator') coordinator.invalidate();
  if (isEviction(code)) evicted(error, sentAs);
  throw error;
}

/** A rebalance that is being completed refuses commits for a moment; Kafka does not call that retriable. */
function isRetriable(error: unknown): boolean {
  return KafkaRxError.is(error) && (error.retriable || error.code === 'REBALANCE_IN_PROGRESS');
}

/** No commit of this consumer can ever succeed. Anything else is told as an event, and tried again. */
function isFatal(error: unknown): boolean {
  const cause = causeOf(error);
  return !KafkaRxError.is(cause) || cause.code === 'GROUP_AUTHORIZATION_FAILED';
}

function causeOf(error: unknown): unknown {
  return error instanceof CommitFailedError ? error.cause : error;
}

function plain({ topic, partition, offset }: PartitionOffset): PartitionOffset {
  return { topic, partition, offset };
}
