import { filter, map, type Observable } from 'rxjs';
import { createMembership } from '../group/membership.ts';
import type { GroupMembership } from '../group/host.ts';
import type { ClusterView } from '../cluster/view.ts';
import { assign, lose } from './assignment.ts';
import { handOver } from './handOver.ts';
import { heldBy, type Engine } from './engine.ts';
import type { GroupMode } from './settings.ts';

/** The consumer as a member of its group: what the group needs of it, and what is done about what it says. */
export function membershipOf(engine: Engine, mode: GroupMode): GroupMembership {
  const { context, table, coordinator } = engine;
  if (coordinator === undefined) throw new RangeError('a group without a coordinator');
  return createMembership({
    context,
    coordinator,
    options: mode,
    subscription: () => subscribedTo(engine),
    partitionCounts: (topics) => partitionCounts(engine, topics),
    rejoinNeeded: engine.subscription.outdated,
    stopping: () => engine.stopping,
    owned: () => heldBy(engine).map(({ topic, partition }) => ({ topic, partition })),
    assigned: (change, membership) => {
      assign(engine, change, membership);
    },
    renewed: (membership) => {
      if (table.cursors.size === 0) return;
      table.membership = membership;
      table.line.wake();
    },
    handOver: (partitions, deadlines) => handOver(engine, partitions, deadlines),
    lost: (error) => {
      lose(engine, error);
    },
    alive: (sentAt) => {
      const suspended = context.scheduler.now() >= table.sessionEnds;
      // Answers may come in another order than they were asked for: a parked SyncGroup was sent long before the last heartbeat.
      const known = table.sessionEnds === Infinity ? 0 : table.sessionEnds;
      table.sessionEnds = Math.max(known, sentAt + mode.sessionTimeout);
      if (suspended) for (const cursor of table.cursors.values()) cursor.line.wake();
    },
  });
}

/** What others subscribe to is forgotten: whoever leads then is told of it anew. */
function subscribedTo({ subscription, topics: known }: Engine): readonly string[] {
  const topics = subscription.join();
  known.clear();
  for (const topic of topics) known.add(topic);
  return topics;
}

/** How many partitions each topic has, once all are known to exist or not to, and whenever the view is another. */
function partitionCounts({ cluster, topics: known }: Engine, topics: readonly string[]): Observable<ReadonlyMap<string, number>> {
  const missing = topics.filter((topic) => !known.has(topic));
  for (const topic of missing) known.add(topic);
  if (missing.length > 0) cluster.invalidate(true);
  return cluster.views.pipe(
    filter((view) => topics.every((topic) => view.topics.has(topic) || view.errors.has(topic))),
    map((view) => countsOf(view, topics)),
  );
}

function countsOf(view: ClusterView, topics: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const topic of topics) {
    const found = view.topics.get(topic);
    if (found !== undefined) counts.set(topic, found.partitions.size);
  }
  return counts;
}
