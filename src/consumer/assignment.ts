import type { Change } from '../group/holdings.ts';
import { HandOverDeadlineError, PartitionLostError } from '../errors/index.ts';
import type { Membership } from '../model/partitionStream.ts';
import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';
import { settleOffset } from '../table/located.ts';
import type { Cursor } from '../table/cursor.ts';
import type { CursorState } from '../table/cursorState.ts';
import { heldBy, startOf, type Engine } from './engine.ts';
import { endStreams, plain } from './handOver.ts';

/** What the group gave us in its new assignment: what it adds begins, what it keeps goes on, what it takes away is handed over afterwards. */
export function assign(engine: Engine, { added, kept, taken }: Change, membership: Membership): void {
  const { table, context, stopping } = engine;
  const ours = new Set([...kept, ...taken].map(({ topic, partition }) => partitionKey(topic, partition)));
  // A join that was under way when the stop came: what it brings goes back with the LeaveGroup, unread.
  const partitions = stopping ? [] : added;
  leftBehind(
    engine,
    heldBy(engine).filter(({ key }) => !ours.has(key)),
  );
  endStreams(
    taken.flatMap(({ topic, partition }) => table.find(topic, partition) ?? []),
    'revoked',
  );
  table.membership = membership;
  context.tell({ kind: 'assigned', partitions, generation: membership.generation });
  begin(engine, partitions);
}

/** Exactly these, by the word of the user. */
export function assignByHand(engine: Engine, partitions: readonly TopicPartition[]): void {
  engine.context.tell({ kind: 'assigned', partitions });
  begin(engine, partitions);
}

/** Those that were ours all the time, and whose topic is there again. `isNew`: in another topic nothing that was committed means anything. */
export function assignAgain(engine: Engine, partitions: readonly TopicPartition[], isNew: (place: TopicPartition) => boolean): void {
  engine.context.tell({ kind: 'assigned', partitions: partitions.map(({ topic, partition }) => ({ topic, partition })) });
  const first: CursorState = { kind: 'locating', target: { kind: 'place', at: 'earliest' }, reason: 'recreated' };
  begin(engine, partitions, (place) => (isNew(place) ? first : beginning(engine, place)));
}

/** Their streams begin. */
function begin(
  engine: Engine,
  partitions: readonly TopicPartition[],
  stateOf: (place: TopicPartition) => CursorState = (place) => beginning(engine, place),
): void {
  const { table, cluster, context, marks } = engine;
  const cursors = partitions.map((place) => {
    // With `stopAt` a partition that appeared after the marks were taken ends at once.
    const mark = marks === undefined ? undefined : (marks.get(partitionKey(place.topic, place.partition))?.offset ?? 0);
    return table.assign(place, stateOf(place), mark);
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
function leftBehind({ table, context }: Engine, cursors: readonly Cursor[]): void {
  if (cursors.length === 0) return;
  const reason = 'not handed over in time';
  for (const cursor of cursors) {
    const { topic, partition, key } = cursor;
    cursor.abort.abort(new HandOverDeadlineError(`${key} was ${reason}`, { topic, partition }));
    table.release(cursor);
  }
  context.tell({ kind: 'lost', partitions: plain(cursors), reason });
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
