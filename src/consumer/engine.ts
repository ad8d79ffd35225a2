import { createCluster } from '../cluster/cluster.ts';
import type { Context } from '../cluster/context.ts';
import { createCoordinator } from '../cluster/coordinator.ts';
import type { Cluster, Coordinator } from '../cluster/ports.ts';
import type { GroupMembership } from '../group/host.ts';
import type { PartitionOffset } from '../model/events.ts';
import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';
import { createCommitter, type Committer } from '../offsets/committer.ts';
import type { Cursor } from '../table/cursor.ts';
import type { Target } from '../table/cursorState.ts';
import { Table } from '../table/table.ts';
import type { Connector } from '../transport/port.ts';
import { happenings } from './happenings.ts';
import type { ConsumerSettings } from './settings.ts';

/** The rooms of one consumer, built and wired; nothing runs yet. */
export interface Engine {
  readonly settings: ConsumerSettings;
  readonly context: Context;
  readonly table: Table;
  readonly cluster: Cluster;
  readonly coordinator: Coordinator | undefined;
  readonly committer: Committer | undefined;
  /** Set by who joins the group. */
  membership: GroupMembership | undefined;
  /** Topics that are looked up beside our own: a leader assigns what others subscribe to. */
  readonly topics: Set<string>;
  /** The last errors that were healed inside, by what failed: what to tell if it never heals. */
  readonly troubles: Map<string, Error>;
  /** `stopAt`: where each partition's stream ends; undefined without it, and until they are known. */
  marks: ReadonlyMap<string, PartitionOffset> | undefined;
  /** When joining the group last failed: ms on the scheduler's clock. */
  troubledAt: number;
  /** The partitions that there were at the start, by key: what is written to later ones is all new to us, so they begin at `earliest`. */
  original: ReadonlySet<string>;
  /** There was an assignment, if only of nothing. */
  started: boolean;
  /** It is coming to its end, by `until` or `stopAt`: nothing is joined or fetched any more. */
  stopping: boolean;
}

/** What it takes to join a group. */
const JOINING = new Set(['FindCoordinator', 'JoinGroup', 'SyncGroup']);

export function createEngine(connector: Connector, settings: ConsumerSettings): Engine {
  const { mode, scheduler, random, backoff, requestTimeout, metadataMaxAge } = settings;
  const tellOutside = happenings(settings);
  const tell: Context['tell'] = (happening) => {
    if (happening.kind === 'retryScheduled') note(engine, happening.api, happening.broker, happening.error);
    tellOutside(happening);
  };
  const context: Context = { connector, scheduler, random, backoff, requestTimeout, metadataMaxAge, tell };
  const commitEvery = settings.commit === false ? Infinity : settings.commit.records;
  const table = new Table(
    { window: settings.window, delivery: settings.delivery, maxBuffered: settings.maxBuffered, commitEvery },
    (cursor, batch) => {
      const { topic, partition } = cursor;
      if (batch.count > 0)
        tell({ kind: 'delivered', topic, partition, firstOffset: batch.firstOffset, lastOffset: batch.nextOffset - 1, count: batch.count });
    },
  );
  const topics = new Set(mode.kind === 'group' ? mode.topics : mode.partitions.map(({ topic }) => topic));
  const held = (): Iterable<TopicPartition> => table.cursors.values();
  const cluster = createCluster(context, () => [...topics], held);
  const coordinator = mode.groupId === undefined ? undefined : createCoordinator(context, cluster, mode.groupId);
  const engine: Engine = {
    settings,
    context,
    table,
    cluster,
    coordinator,
    committer: coordinator && committerOf(settings, context, coordinator, table, () => engine.membership),
    membership: undefined,
    topics,
    troubles: new Map(),
    marks: undefined,
    troubledAt: -Infinity,
    original: new Set(),
    started: false,
    stopping: false,
  };
  return engine;
}

/** What failed, the last one last: for the error that says why nothing began. */
function note(engine: Engine, api: string, broker = '', error: Error): void {
  const what = `${api} ${broker}`;
  engine.troubles.delete(what);
  engine.troubles.set(what, error);
  if (JOINING.has(api)) engine.troubledAt = engine.context.scheduler.now();
}

function committerOf(
  { mode, commit }: ConsumerSettings,
  context: Context,
  coordinator: Coordinator,
  table: Table,
  membership: () => GroupMembership | undefined,
): Committer {
  return createCommitter({
    context,
    coordinator,
    table,
    groupId: mode.groupId ?? '',
    asMember: mode.kind === 'group',
    interval: commit === false ? Infinity : commit.interval,
    evicted: (error, under) => membership()?.evicted(error, under),
  });
}

/** Where a partition begins when nothing is committed for it: its own `startFrom`, the common one, the reset policy; a later one at its beginning. */
export function startOf({ settings, original }: Engine, place: TopicPartition): Target {
  const { mode, startFrom, autoOffsetReset } = settings;
  if (!original.has(partitionKey(place.topic, place.partition))) return { kind: 'place', at: 'earliest' };
  const own =
    mode.kind === 'manual' ? mode.partitions.find((p) => p.topic === place.topic && p.partition === place.partition)?.startFrom : undefined;
  if (own !== undefined) return { kind: 'place', at: own };
  if (typeof startFrom === 'function') return { kind: 'asked' };
  if (startFrom !== undefined) return { kind: 'place', at: startFrom };
  return autoOffsetReset === 'none' ? { kind: 'nowhere' } : { kind: 'place', at: autoOffsetReset };
}

/** All partitions held now. A copy: releasing one changes the table. */
export function heldBy({ table }: Engine): readonly Cursor[] {
  return [...table.cursors.values()];
}
