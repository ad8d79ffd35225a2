import { catchError, concat, defer, EMPTY, exhaustMap, filter, map, NEVER, of, switchMap, take, timer, type Observable } from 'rxjs';
import { NO_TOPIC_ID, partitionKey } from '../model/topicPartition.ts';
import { byTopic } from '../offsets/byTopic.ts';
import { committedOf, offsetFetchApi, offsetsOfGroup } from '../protocol/apis/offsetFetch.ts';
import { SLOW_CLOCK } from '../table/due.ts';
import { heldBy, type Engine } from './engine.ts';

/** Emits when everything up to the marks of `stopAt` is done: by ourselves, or by the group as a whole. Never without `stopAt`. */
export function marksReached(engine: Engine): Observable<unknown> {
  const { settings, table } = engine;
  if (settings.stopAt === undefined) return NEVER;
  const byGroup = settings.mode.kind === 'group' && settings.commit !== false;
  const own = table.line.wakes.pipe(filter(() => ownDone(engine)));
  if (!byGroup) return own;
  return own.pipe(
    take(1),
    switchMap(() => groupDone(engine)),
  );
}

/**
 * Every partition of ours is read up to its mark, and nothing of it waits for an ack. Between two assignments that cannot be told: what was given up by then may be
 * ours again.
 */
function ownDone({ settings, table, started, membership }: Engine): boolean {
  if (!started) return false;
  if (settings.mode.kind === 'group' && (table.membership === undefined || membership?.state().kind !== 'stable')) return false;
  return [...table.cursors.values()].every(
    ({ mark, position = -1, held }) =>
      mark !== undefined && position >= mark && (settings.delivery === 'at-most-once' || held.records === 0),
  );
}

function groupDone(engine: Engine): Observable<unknown> {
  const { settings, context, committer } = engine;
  const interval = settings.commit === false ? SLOW_CLOCK : settings.commit.interval;
  const ownCommitted = committer?.flush(() => heldBy(engine).every(({ dirty }) => !dirty)) ?? EMPTY;
  const asking = timer(0, Math.max(100, interval), context.scheduler).pipe(
    exhaustMap(() => ask(engine).pipe(catchError(() => EMPTY))),
    filter((reached) => reached),
  );
  return concat(ownCommitted.pipe(catchError(() => EMPTY)), asking);
}

/** Whether the group has committed up to all marks. What fails is asked again at the next interval. */
function ask({ settings, context, coordinator, table, marks = new Map() }: Engine): Observable<boolean> {
  const { mode } = settings;
  const { groupId } = mode;
  if (coordinator === undefined || groupId === undefined) return of(true);
  const topics = byTopic(marks.values()).map(([name, own]) => ({
    name,
    topicId: NO_TOPIC_ID, // by name: the marks of a topic that was created anew are forgotten before
    partitionIndexes: own.map(({ partition }) => partition),
  }));
  return defer(() => coordinator.request('control', offsetFetchApi, offsetsOfGroup(groupId, topics, false), context.requestTimeout)).pipe(
    map((response) => {
      const committed = new Map<string, number>();
      for (const { name, partitions } of committedOf(response, groupId).topics)
        for (const { partitionIndex, committedOffset } of partitions) committed.set(partitionKey(name, partitionIndex), committedOffset);
      // A log that was truncated meanwhile does not reach its mark.
      const markOf = (key: string, offset: number): number => Math.min(offset, table.cursors.get(key)?.mark ?? offset);
      return [...marks].every(([key, { offset }]) => (committed.get(key) ?? -1) >= markOf(key, offset));
    }),
  );
}
