import { catchError, defer, EMPTY, ignoreElements, repeat, retry, tap, throwError, type Observable } from 'rxjs';
import type { Context } from '../cluster/context.ts';
import type { Coordinator } from '../cluster/ports.ts';
import { BrokerError } from '../errors/index.ts';
import { isRetriable } from '../cluster/thrown.ts';
import { errorOf, kafkaErrorOf } from '../errors/table.ts';
import { committedOf, offsetFetchApi, offsetsOfGroup, type OffsetFetchResponseGroup } from '../protocol/apis/offsetFetch.ts';
import type { Cursor } from '../table/cursor.ts';
import type { Target } from '../table/cursorState.ts';
import { due, whenDue, type Due } from '../table/due.ts';
import { located, nowhere, settleOffset } from '../table/located.ts';
import { setBack } from '../table/setBack.ts';
import type { Table } from '../table/table.ts';
import { byTopic, isTopic, topicIdOf } from './byTopic.ts';

export interface Recalling {
  readonly context: Context;
  readonly coordinator: Coordinator;
  readonly table: Table;
  readonly groupId: string;
  /** Wait for offsets that a transaction is about to commit (KIP-447). */
  readonly requireStable: boolean;
  /** The coordinator does not know a topic that we know: what we believe about the cluster is to be looked at again. */
  readonly outdated?: () => void;
}

/** Looks up what the group has committed, for each partition that begins there. The same shape as the fetch loop. */
export function committedLoop(recalling: Recalling): Observable<never> {
  const { context, table } = recalling;
  const ready = (): Observable<unknown> => whenDue(table.line, () => wanted(recalling).wait, context.scheduler);
  return committedRound(recalling).pipe(
    repeat({ delay: ready }),
    retry({ delay: (error: unknown) => (isRetriable(error) ? ready() : throwError(() => error)) }),
  );
}

function wanted({ context, table }: Recalling): Due {
  const lost = [...table.cursors.values()].filter(({ state }) => state.kind === 'locating' && state.target.kind === 'committed');
  return due(lost, context.scheduler.now());
}

function committedRound(recalling: Recalling): Observable<never> {
  const { context, coordinator, groupId, requireStable } = recalling;
  return defer(() => {
    const { cursors } = wanted(recalling);
    if (cursors.length === 0) return EMPTY;
    const round = {};
    const asked = cursors.map((cursor) => ({ cursor, positionEpoch: cursor.positionEpoch }));
    for (const cursor of cursors) cursor.route.round = round;
    const current = (): readonly Cursor[] =>
      asked
        .filter(({ cursor, positionEpoch }) => cursor.route.round === round && cursor.positionEpoch === positionEpoch)
        .map(({ cursor }) => cursor);
    const topics = byTopic(cursors).map(([name, own]) => ({
      name,
      topicId: topicIdOf(own),
      partitionIndexes: own.map(({ partition }) => partition),
    }));
    return coordinator.request('control', offsetFetchApi, offsetsOfGroup(groupId, topics, requireStable), context.requestTimeout).pipe(
      tap((response) => {
        settleAll(current(), committedOf(response, groupId), recalling);
      }),
      catchError((error: unknown) => {
        for (const cursor of current()) setBack(cursor, 'OffsetFetch', error, context);
        return throwError(() => error);
      }),
      ignoreElements(),
    );
  });
}

function settleAll(cursors: readonly Cursor[], group: OffsetFetchResponseGroup, recalling: Recalling): void {
  if (group.errorCode !== 0) {
    if (kafkaErrorOf(group.errorCode).invalidates === 'coordinator') recalling.coordinator.invalidate();
    throw errorOf(group.errorCode, { broker: recalling.coordinator.broker });
  }
  for (const cursor of cursors) settle(cursor, group, recalling);
}

function settle(cursor: Cursor, { topics }: OffsetFetchResponseGroup, { context, outdated }: Recalling): void {
  const { topic, partition, state } = cursor;
  if (state.kind !== 'locating' || state.target.kind !== 'committed') return;
  const found = topics.find((one) => isTopic(one, cursor))?.partitions.find(({ partitionIndex }) => partitionIndex === partition);
  const place = { topic, partition };
  if (found === undefined) {
    setBack(
      cursor,
      'OffsetFetch',
      new BrokerError('UNKNOWN_SERVER_ERROR', `no answer to OffsetFetch for ${cursor.key}`, { ...place, retriable: true }),
      context,
    );
  } else if (found.errorCode !== 0) {
    const error = errorOf(found.errorCode, place);
    if (kafkaErrorOf(found.errorCode).invalidates === 'metadata') outdated?.();
    if (error.retriable) setBack(cursor, 'OffsetFetch', error, context);
    else cursor.apply({ kind: 'fail', error });
  } else if (found.committedOffset >= 0) {
    cursor.route.succeeded(0);
    cursor.commits.known(context.scheduler.now());
    cursor.committed = found.committedOffset;
    cursor.committedEpoch = cursor.positionEpoch;
    located(cursor, found.committedOffset, found.committedLeaderEpoch, context);
  } else {
    begin(cursor, state.target.otherwise, context);
  }
}

/** Nothing is committed: where the options say. Brokers store what they are sent, so a negative offset is nothing as well. */
function begin(cursor: Cursor, target: Target, context: Context): void {
  const { route } = cursor;
  route.release();
  route.succeeded(0);
  if (target.kind === 'nowhere') {
    // Still at the commit: who tries again asks for it again.
    cursor.apply({ kind: 'fail', error: nowhere(cursor, 'the group has committed nothing, and ') });
    return;
  }
  cursor.apply({ kind: 'locate', target, reason: 'start' });
  settleOffset(cursor, context);
}
