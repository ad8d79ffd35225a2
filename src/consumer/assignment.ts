import { HandOverDeadlineError, PartitionLostError } from '../errors/index.ts';
import type { Membership } from '../model/partitionStream.ts';
import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';
import { settleOffset } from '../offsets/place.ts';
import type { Cursor } from '../table/cursor.ts';
import type { CursorState } from '../table/cursorState.ts';
import type { Table } from '../table/table.ts';
import { heldBy, startOf, type Engine } from './engine.ts';

/** These partitions are ours from now on: their streams begin. */
export function assign(engine: Engine, given: readonly TopicPartition[], membership: Membership | undefined): void {
  const { table, cluster, context, marks, stopping } = engine;
  // A join that was under way when the stop came: what it brings goes back with the LeaveGroup, unread.
  const partitions = stopping ? [] : given;
  table.membership = undefined;
  for (const cursor of heldBy(engine)) leftBehind(table, cursor);
  table.membership = membership;
  const generation = membership?.generation;
  context.tell({ kind: 'assigned', partitions, ...(generation === undefined ? {} : { generation }) });
  const cursors = partitions.map((place) => {
    // With `stopAt` a partition that appeared after the marks were taken ends at once.
    const mark = marks === undefined ? undefined : (marks.get(partitionKey(place.topic, place.partition))?.offset ?? 0);
    return table.assign(place, beginning(engine, place), mark);
  });
  // All of them are there before the first one can come to its end: who waits for that looks at all that are there.
  for (const cursor of cursors) settleOffset(cursor, context);
  engine.started = true;
  table.reroute(cluster.view);
  // A group's leader may know of a partition that we do not know yet.
  if (cursors.some(({ route }) => route.leader < 0)) cluster.invalidate();
  table.settled();
}

/** The coordinator did not wait for the end of a hand-over: what was not released by then is not ours any more. */
function leftBehind(table: Table, cursor: Cursor): void {
  const { topic, partition, key } = cursor;
  cursor.abort.abort(new HandOverDeadlineError(`${key} was not handed over in time`, { topic, partition }));
  table.release(cursor);
}

/** Wherever there is a group its commit wins. */
function beginning(engine: Engine, place: TopicPartition): CursorState {
  const { settings } = engine;
  const target = startOf(engine, place);
  if (settings.mode.groupId !== undefined)
    return { kind: 'locating', target: { kind: 'committed', otherwise: target }, reason: 'committed' };
  return { kind: 'locating', target, reason: 'start' };
}

/** The coordinator has given everything away: nothing of it may be delivered or committed any more. */
export function lose(engine: Engine, error: Error): void {
  const { table, context } = engine;
  const partitions = [...table.cursors.values()];
  table.membership = undefined;
  table.sessionEnds = Infinity;
  if (partitions.length === 0) return;
  for (const cursor of partitions) {
    const { topic, partition, key } = cursor;
    cursor.abort.abort(new PartitionLostError(`${key} was lost: ${error.message}`, { topic, partition, cause: error }));
    table.release(cursor);
  }
  context.tell({ kind: 'lost', partitions: partitions.map(({ topic, partition }) => ({ topic, partition })), reason: error.message });
}
