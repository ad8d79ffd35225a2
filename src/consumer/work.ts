import { concatMap, defer, EMPTY, exhaustMap, filter, map, merge, mergeMap, switchMap, take, takeUntil, tap, type Observable } from 'rxjs';
import type { ClusterView } from '../cluster/view.ts';
import { fetchLoop } from '../fetch/fetchLoop.ts';
import type { TopicPartition } from '../model/topicPartition.ts';
import { askLoop } from '../offsets/askLoop.ts';
import { committedLoop } from '../offsets/committedLoop.ts';
import { locateLoop } from '../offsets/locateLoop.ts';
import { lookUpMarks } from '../offsets/marks.ts';
import { proveLoop } from '../offsets/proveLoop.ts';
import { rangeLoop } from '../offsets/rangeLoop.ts';
import type { PartitionEvent } from '../table/partitionEvent.ts';
import { assignByHand } from './assignment.ts';
import { followTopics } from './departed.ts';
import type { Engine } from './engine.ts';
import { membershipOf } from './member.ts';
import { isMatched, topicsIn, type Selection } from './selection.ts';

/** Everything that goes on while the consumer lives, apart from its end. What listens comes before what causes. */
export function work(engine: Engine, stopping: Observable<unknown>): Observable<PartitionEvent> {
  const { table, cluster } = engine;
  const assigned = table.assigned.pipe(map((cursor): PartitionEvent => ({ kind: 'assigned', cursor })));
  return merge(
    assigned,
    merge(reading(engine), locating(engine)).pipe(takeUntil(stopping)),
    followTopics(engine),
    engine.settings.commit === false ? EMPTY : (engine.committer?.running ?? EMPTY),
    engine.subscription.running(cluster),
    cluster.refreshing,
    assigning(engine),
  );
}

/** A fetch loop and three look-up loops per broker. */
function reading(engine: Engine): Observable<PartitionEvent> {
  const { settings, table } = engine;
  const { isolationLevel, checkCrcs, fetch, autoOffsetReset, mode } = settings;
  const rackId = mode.kind === 'group' ? (mode.rackId ?? '') : '';
  const fetching = { ...engine, settings: { ...fetch, isolationLevel, checkCrcs, rackId }, autoOffsetReset };
  const looking = { ...engine, isolationLevel };
  const proving = { ...engine, autoOffsetReset };
  return table.rowAdded.pipe(
    mergeMap((row) => merge(fetchLoop(fetching, row), locateLoop(looking, row), proveLoop(proving, row), rangeLoop(proving, row))),
  );
}

/** Where to begin: what the group has committed, and what the user's own function says. */
function locating(engine: Engine): Observable<never> {
  const { settings, coordinator, context, table, cluster } = engine;
  const { mode, startFrom, isolationLevel } = settings;
  const { groupId } = mode;
  const requireStable = isolationLevel === 'read_committed';
  return merge(
    coordinator === undefined || groupId === undefined
      ? EMPTY
      : committedLoop({ context, coordinator, table, groupId, requireStable, outdated: () => cluster.invalidate() }),
    typeof startFrom === 'function' ? askLoop({ context, table, startFrom }) : EMPTY,
  );
}

/**
 * Once what is selected is known, and with `stopAt` the marks: the partitions of the options, or the membership that is given some. What is selected
 * later is subscribed to by that.
 */
function assigning(engine: Engine): Observable<never> {
  const { cluster, subscription } = engine;
  return defer(() => {
    let begun = false;
    return subscription.selections.pipe(
      switchMap((selection) =>
        cluster.views.pipe(
          filter((view) => isKnown(engine, selection, view, begun)),
          take(1),
          tap((view) => {
            begun = true;
            remember(engine, topicsIn(selection, view), view);
          }),
        ),
      ),
      exhaustMap(() => marking(engine).pipe(concatMap(() => begin(engine)))),
    );
  });
}

function begin(engine: Engine): Observable<never> {
  const { mode } = engine.settings;
  if (mode.kind === 'manual') {
    assignByHand(engine, mode.partitions);
    return EMPTY;
  }
  engine.membership = membershipOf(engine, mode);
  return engine.membership.run;
}

/** At the start all that is named has to be there; later on it is enough to know that it is not. */
function isKnown({ settings: { mode } }: Engine, selection: Selection, view: ClusterView, begun: boolean): boolean {
  if (!isMatched(selection, view)) return false;
  if (mode.kind === 'manual')
    return mode.partitions.every(({ topic, partition }) => view.topics.get(topic)?.partitions.has(partition) === true);
  return selection.names.every((topic) => view.topics.has(topic) || (begun && view.errors.has(topic)));
}

/** The partitions that there are when their topic is selected begin where the options say. */
function remember(engine: Engine, topics: readonly string[], view: ClusterView): void {
  const original = new Map(engine.original);
  for (const topic of topics) {
    const found = view.topics.get(topic);
    if (found !== undefined && !original.has(topic)) original.set(topic, { id: found.id, partitions: new Set(found.partitions.keys()) });
  }
  engine.original = original;
}

function marking(engine: Engine): Observable<unknown> {
  const { context, cluster, settings } = engine;
  const { stopAt, isolationLevel } = settings;
  if (stopAt === undefined) return defer(() => [undefined]);
  return lookUpMarks({ context, cluster, isolationLevel, stopAt }, selected(engine)).pipe(
    tap((marks) => {
      engine.marks = marks;
    }),
  );
}

/** All partitions that the options speak of, whoever gets them. */
function selected({ settings: { mode }, original }: Engine): readonly TopicPartition[] {
  if (mode.kind === 'manual') return mode.partitions.map(({ topic, partition }) => ({ topic, partition }));
  return [...original].flatMap(([topic, { partitions }]) => [...partitions].map((partition) => ({ topic, partition })));
}
