import type { Context } from '../cluster/context.ts';
import type { Cluster } from '../cluster/ports.ts';
import { asError } from '../cluster/thrown.ts';
import type { AutoOffsetReset } from '../model/startPosition.ts';
import { setBack } from '../table/setBack.ts';
import type { Table } from '../table/table.ts';
import type { FetchSettings } from './request.ts';
import type { Ask } from './round.ts';

/** What taking in an answer needs to know, and whom it tells. */
export interface Acceptance {
  readonly context: Context;
  readonly cluster: Pick<Cluster, 'view' | 'invalidate' | 'learn'>;
  readonly table: Table;
  readonly settings: FetchSettings;
  readonly autoOffsetReset: AutoOffsetReset;
  /** `host:port`, for errors. */
  readonly broker: string;
}

/** The partition fails: trying again does not help. What a follower says is asked at the leader first. */
export function fail(ask: Ask, error: Error, to: Acceptance): void {
  if (ask.ofFollower) backToLeader(ask, error, to);
  else {
    ask.done = true;
    ask.cursor.apply({ kind: 'fail', error });
  }
}

/** The round goes on for the others. */
export function backOff(ask: Ask, error: Error, { context }: Acceptance): void {
  ask.done = true;
  setBack(ask.cursor, 'Fetch', error, context);
}

/** Something is wrong at a follower (KIP-392): the leader is asked at once, and for as long as a follower would have been read. */
export function backToLeader(
  { cursor, row }: Pick<Ask, 'cursor' | 'row'>,
  cause: unknown,
  { context, table }: Pick<Acceptance, 'context' | 'table'>,
): void {
  const { topic, partition, route } = cursor;
  if (route.replica !== row.nodeId) return;
  table.backToLeader(cursor, context.scheduler.now() + context.metadataMaxAge);
  context.tell({ kind: 'retryScheduled', api: 'Fetch', topic, partition, attempt: 1, delay: 0, error: asError(cause) });
}
