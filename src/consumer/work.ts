import { concatMap, defer, EMPTY, filter, ignoreElements, map, merge, mergeMap, take, takeUntil, tap, type Observable } from 'rxjs';
import type { ClusterView } from '../cluster/view.ts';
import { fetchLoop } from '../fetch/fetchLoop.ts';
import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';
import { askLoop } from '../offsets/askLoop.ts';
import { committedLoop } from '../offsets/committedLoop.ts';
import { locateLoop } from '../offsets/locateLoop.ts';
import { lookUpMarks } from '../offsets/marks.ts';
import type { PartitionEvent } from '../table/partitionEvent.ts';
import { assign } from './assignment.ts';
import type { Engine } from './engine.ts';
import { membershipOf } from './member.ts';

/** Everything that goes on while the consumer lives, apart from its end. What listens comes before what causes. */
export function work(engine: Engine, stopping: Observable<unknown>): Observable<PartitionEvent> {
  const { table, cluster } = engine;
  const assigned = table.assigned.pipe(map((cursor): PartitionEvent => ({ kind: 'assigned', cursor })));
  const routed = cluster.views.pipe(
    tap((view) => {
      table.reroute(view);
    }),
    ignoreElements(),
  );
  return merge(
    assigned,
    merge(reading(engine), locating(engine)).pipe(takeUntil(stopping)),
    routed,
    engine.settings.commit === false ? EMPTY : (engine.committer?.running ?? EMPTY),
    cluster.refreshing,
    assigning(engine),
  );
}

/** A fetch loop and a look-up loop per broker. */
function reading(engine: Engine): Observable<PartitionEvent> {
  const { settings, table } = engine;
  const { isolationLevel, checkCrcs, fetch } = settings;
  const fetching = { ...engine, settings: { ...fetch, isolationLevel, checkCrcs }, autoOffsetReset: settings.autoOffsetReset };
  const looking = { ...engine, isolationLevel };
  return table.rowAdded.pipe(mergeMap((row) => merge(fetchLoop(fetching, row), locateLoop(looking, row))));
}

/** Where to begin: what the group has committed, and what the user's own function says. */
function locating(engine: Engine): Observable<never> {
  const { settings, coordinator, context, table } = engine;
  const { mode, startFrom, isolationLevel } = settings;
  const { groupId } = mode;
  const requireStable = isolationLevel === 'read_committed';
  return merge(
    coordinator === undefined || groupId === undefined ? EMPTY : committedLoop({ context, coordinator, table, groupId, requireStable }),
    typeof startFrom === 'function' ? askLoop({ context, table, startFrom }) : EMPTY,
  );
}

/** Once all topics are known, and with `stopAt` the marks: the partitions of the options, or the membership that is given some. */
function assigning(engine: Engine): Observable<never> {
  const { cluster, settings } = engine;
  return cluster.views.pipe(
    filter((view) => isComplete(engine, view)),
    take(1),
    tap((view) => {
      engine.original = new Set(selected(engine, view).map(({ topic, partition }) => partitionKey(topic, partition)));
    }),
    concatMap((view) => marking(engine, view)),
    concatMap(() => begin(engine)),
  );
  function begin(from: Engine): Observable<never> {
    const { mode } = settings;
    if (mode.kind === 'manual') {
      assign(from, mode.partitions, undefined);
      return EMPTY;
    }
    from.membership = membershipOf(from, mode);
    return from.membership.run;
  }
}

function isComplete({ settings: { mode } }: Engine, view: ClusterView): boolean {
  if (mode.kind === 'group') return mode.topics.every((topic) => view.topics.has(topic));
  return mode.partitions.every(({ topic, partition }) => view.topics.get(topic)?.partitions.has(partition) === true);
}

function marking(engine: Engine, view: ClusterView): Observable<unknown> {
  const { context, cluster, settings } = engine;
  const { stopAt, isolationLevel } = settings;
  if (stopAt === undefined) return defer(() => [undefined]);
  return lookUpMarks({ context, cluster, isolationLevel, stopAt }, selected(engine, view)).pipe(
    tap((marks) => {
      engine.marks = marks;
    }),
  );
}

/** All partitions that the options speak of, whoever gets them. */
function selected({ settings: { mode } }: Engine, view: ClusterView): readonly TopicPartition[] {
  if (mode.kind === 'manual') return mode.partitions.map(({ topic, partition }) => ({ topic, partition }));
  return mode.topics.flatMap((topic) => [...(view.topics.get(topic)?.partitions.keys() ?? [])].map((partition) => ({ topic, partition })));
}
