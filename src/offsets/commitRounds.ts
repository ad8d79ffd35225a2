import { catchError, defer, finalize, ignoreElements, share, tap, throwError, type Observable } from 'rxjs';
import type { Context } from '../cluster/context.ts';
import type { Coordinator } from '../cluster/ports.ts';
import { asError } from '../cluster/thrown.ts';
import { CommitFailedError, KafkaRxError } from '../errors/index.ts';
import { errorOf, kafkaErrorOf } from '../errors/table.ts';
import type { PartitionOffset } from '../model/events.ts';
import type { Membership } from '../model/partitionStream.ts';
import { offsetCommitApi, type OffsetCommitRequest, type OffsetCommitResponse } from '../protocol/apis/offsetCommit.ts';
import type { Cursor } from '../table/cursor.ts';
import type { Table } from '../table/table.ts';
import { backoffDelay } from '../cluster/backoff.ts';
import { entriesOf, isEviction, isOfPartition, judge, offsetCommitRequest, type Entry } from './commit.ts';
import { commitFailedAt, committedAt, type CommitPace } from './commitPace.ts';

export interface Committing {
  readonly context: Context;
  readonly coordinator: Coordinator;
  readonly table: Table;
  readonly groupId: string;
  /** Only as a member of the group: between two memberships nothing is ours to commit. */
  readonly asMember: boolean;
  /** Milliseconds between commits. */
  readonly interval: number;
  /**
   * The coordinator says that it does not count us as a member any more, or not in this generation. `under`: whom the commit was made for. Answers false where it
   * does, and the same may be committed under another generation.
   */
  readonly evicted: (error: KafkaRxError, under: Membership | undefined) => boolean;
  /** The coordinator does not know a topic that we know: what we believe about the cluster is to be looked at again. */
  readonly outdated?: () => void;
}

/** The commits of one consumer, one at a time. */
export interface CommitRounds {
  readonly pace: CommitPace;
  /** The one that is on its way: who asks meanwhile waits for its end. */
  readonly underWay: Observable<never> | undefined;
  /** Commits those of these that are wanted, from what the table says when it is subscribed. Only while none is under way. Errors with CommitFailedError. */
  begin(cursors: () => Iterable<Cursor>, isWanted?: (cursor: Cursor) => boolean): Observable<never>;
}

export function createCommitRounds(committing: Committing): CommitRounds {
  const { context, table } = committing;
  const { scheduler, backoff, random } = context;
  let pace = committedAt(scheduler.now());
  /** As whom the last one was refused: who is somebody else by now has nothing to wait for. */
  let refusedAs: Membership | undefined;
  let underWay: Observable<never> | undefined;

  const begin: CommitRounds['begin'] = (cursors, isWanted) => {
    const fate: Fate = { ofPartitions: false, overtaken: false };
    const entries = (): readonly Entry[] => entriesOf(cursors(), isWanted);
    // Written down before anybody hears of the end: who asks again then makes a new one, which this one's late `finalize` must not forget.
    const ended = (next: CommitPace): void => {
      pace = next;
      if (underWay === round) underWay = undefined;
    };
    const round: Observable<never> = commitRound(committing, entries, fate).pipe(
      tap({
        complete: () => ended(committedAt(scheduler.now())),
        error: () => {
          refusedAs = table.membership;
          ended(fate.ofPartitions ? committedAt(scheduler.now()) : commitFailedAt(pace, scheduler.now(), backoff, random));
        },
      }),
      finalize(() => {
        ended(pace);
        table.line.wake();
      }),
      share(),
    );
    return (underWay = round);
  };

  return {
    get pace() {
      return table.membership === refusedAs ? pace : { ...pace, notBefore: 0 };
    },
    get underWay() {
      return underWay;
    },
    begin,
  };
}

/** What an OffsetCommit says, and what must be known of it when its answer comes. */
interface Draft {
  readonly entries: readonly Entry[];
  readonly membership: Membership | undefined;
  /** Of these an earlier commit had an unknown outcome already: that this one is refused says nothing of that. */
  readonly doubted: ReadonlySet<Cursor>;
}

/** What became of a commit that failed. */
interface Fate {
  /** Only some partitions were refused, each for itself: they back off, and nobody else has to. */
  ofPartitions: boolean;
  /** The group has gone on with us meanwhile: it is committed again, as whom we are then. */
  overtaken: boolean;
}

/** One OffsetCommit and its answer. It is made when it can be sent: until the coordinator is found there may be a seek, or another generation. */
function commitRound(committing: Committing, wanted: () => readonly Entry[], fate: Fate): Observable<never> {
  const { context, coordinator, groupId } = committing;
  return defer(() => {
    let sent: Draft | undefined;
    let failed: readonly Entry[] | undefined;
    const make = (): OffsetCommitRequest | undefined => {
      sent = draft(committing, wanted());
      return sent && offsetCommitRequest(groupId, sent.membership, sent.entries);
    };
    return coordinator.request('control', offsetCommitApi, make, context.requestTimeout).pipe(
      tap((response) => {
        if (sent === undefined) return;
        const refusal = settle(sent, response, committing);
        if (refusal === undefined) return;
        failed = refusal.entries;
        fate.ofPartitions = refusal.ofPartitions;
        fate.overtaken = refusal.overtaken;
        throw refusal.error;
      }),
      catchError((cause: unknown) => {
        const retrying = fate.overtaken || isRetriable(cause);
        const entries = failed ?? sent?.entries ?? wanted();
        context.tell({ kind: 'commitFailed', offsets: entries.map(plain), error: asError(cause), retrying });
        const words = `the offsets of ${String(entries.length)} partitions were not committed: ${asError(cause).message}`;
        return throwError(() => new CommitFailedError(words, { cause, retriable: retrying }));
      }),
      ignoreElements(),
    );
  });
}

/** Nothing to commit, or nobody to commit it for any more: undefined. */
function draft({ table, asMember }: Committing, entries: readonly Entry[]): Draft | undefined {
  const { membership } = table;
  if (entries.length === 0 || (asMember && membership === undefined)) return undefined;
  const doubted = new Set(entries.map(({ cursor }) => cursor).filter(({ commitDoubtful }) => commitDoubtful));
  for (const { cursor } of entries) cursor.commitDoubtful = true;
  return { entries, membership, doubted };
}

/** What was not taken, and the error that says most about it. */
interface Refusal extends Fate {
  readonly entries: readonly Entry[];
  readonly error: KafkaRxError;
}

/** Writes down what was taken, and answers what was not. */
function settle({ entries, membership, doubted }: Draft, response: OffsetCommitResponse, committing: Committing): Refusal | undefined {
  const { context, coordinator, evicted } = committing;
  const { taken, refused } = judge(response, entries);
  for (const { cursor, offset, positionEpoch, acked } of taken) {
    cursor.ackedSinceCommit -= acked;
    cursor.committedTo(offset, positionEpoch);
    cursor.commits.known(context.scheduler.now());
  }
  if (taken.length > 0) context.tell({ kind: 'committed', offsets: taken.map(plain) });
  for (const { cursor } of refused.keys()) cursor.commitDoubtful = doubted.has(cursor);
  const codes = [...refused];
  if (codes.some(([, code]) => kafkaErrorOf(code).invalidates === 'coordinator')) coordinator.invalidate();
  if (codes.some(([, code]) => kafkaErrorOf(code).invalidates === 'metadata')) committing.outdated?.();
  const ofAll = codes.filter(([, code]) => !isOfPartition(code, taken.length > 0));
  // What is said of one partition must not hide what is said of us.
  const worst = codes.find(([, code]) => isEviction(code)) ?? ofAll[0] ?? codes[0];
  if (worst === undefined) return undefined;
  const [{ topic, partition, offset }, code] = worst;
  const error = errorOf(code, { topic, partition, offset });
  const overtaken = isEviction(code) && !evicted(error, membership);
  for (const [{ cursor }, own] of codes) if (isOfPartition(own, taken.length > 0)) setBack(cursor, context);
  return { entries: [...refused.keys()], error, ofPartitions: ofAll.length === 0, overtaken };
}

function setBack({ commits }: Cursor, { scheduler, backoff, random }: Context): void {
  commits.refused(scheduler.now() + backoffDelay(backoff, commits.failures + 1, random));
}

/** A rebalance that is being completed refuses commits for a moment; Kafka does not call that retriable. */
export function isRetriable(error: unknown): boolean {
  return KafkaRxError.is(error) && (error.retriable || error.code === 'REBALANCE_IN_PROGRESS');
}

function plain({ topic, partition, offset }: PartitionOffset): PartitionOffset {
  return { topic, partition, offset };
}
