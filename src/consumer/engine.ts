import { createCluster } from '../cluster/cluster.ts';
import type { Context } from '../cluster/context.ts';
import { createCoordinator } from '../cluster/coordinator.ts';
import type { Interest } from '../cluster/interest.ts';
import type { Cluster, Coordinator } from '../cluster/ports.ts';
import type { GroupMembership } from '../group/host.ts';
import type { PartitionOffset } from '../model/events.ts';
import type { TopicPartition } from '../model/topicPartition.ts';
import { createCommitter, type Committer } from '../offsets/committer.ts';
import type { Cursor } from '../table/cursor.ts';
import type { Target } from '../table/cursorState.ts';
import { Table } from '../table/table.ts';
import type { Connector } from '../transport/port.ts';
import type { Origin } from './fate.ts';
import { happenings } from './happenings.ts';
import type { ConsumerSettings } from './settings.ts';
import { withinSession } from './withinSession.ts';
import { Subscription } from './subscription.ts';

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
  /** What is to be consumed, as far as it is known by now. */
  readonly subscription: Subscription;
  /** Topics that are looked up beside those: a leader assigns what others subscribe to. */
  readonly topics: Set<string>;
  /** The last errors that were healed inside, by what failed: what to tell if it never heals. */
  readonly troubles: Map<string, Error>;
  /** `stopAt`: where each partition's stream ends; undefined without it, and until they are known. */
  marks: ReadonlyMap<string, PartitionOffset> | undefined;
  /** When joining the group last failed: ms on the scheduler's clock. */
  troubledAt: number;
  /** The topics as they were when they were selected: what is written to later partitions is all new to us, so these begin at `earliest`. */
  original: ReadonlyMap<string, Origin>;
  /** There was an assignment, if only of nothing. */
  started: boolean;
  /** It is coming to its end, by `until` or `stopAt`: nothing is joined or fetched any more. */
  stopping: boolean;
}

/** What it takes to join a group. */
const JOINING = new Set(['FindCoordinator', 'JoinGroup', 'SyncGroup']);

export function createEngine(connector: Connector, settings: ConsumerSettings): Engine {
  const { mode, scheduler, random, requestTimeout, metadataMaxAge } = settings;
  const tellOutside = happenings(settings);
  const tell: Context['tell'] = (happening) => {
    if (happening.kind === 'retryScheduled') note(engine, happening.api, happening.broker, happening.error);
    tellOutside(happening);
  };
  const context: Context = { connector, scheduler, random, backoff: withinSession(settings), requestTimeout, metadataMaxAge, tell };
  const table = tableOf(settings, tell);
  const subscription = new Subscription(mode, scheduler);
  const topics = new Set<string>();
  const held = (): Iterable<TopicPartition> => table.cursors.values();
  const cluster = createCluster(context, () => interestOf(subscription, topics, held()), held);
  const coordinator = mode.groupId === undefined ? undefined : createCoordinator(context, cluster, mode.groupId);
  const engine: Engine = {
    settings,
    context,
    table,
    cluster,
    coordinator,
    committer: coordinator && committerOf({ settings, context, coordinator, table, cluster }, () => engine.membership),
    membership: undefined,
    subscription,
    topics,
    troubles: new Map(),
    marks: undefined,
    troubledAt: -Infinity,
    original: new Map(),
    started: false,
    stopping: false,
  };
  return engine;
}

function tableOf(settings: ConsumerSettings, tell: Context['tell']): Table {
  const { window, delivery, maxBuffered } = settings;
  return new Table({ window, delivery, maxBuffered, commitEvery: everyOf(settings) }, ({ topic, partition }, batch) => {
    const { firstOffset, nextOffset, count } = batch;
    if (count > 0) tell({ kind: 'delivered', topic, partition, firstOffset, lastOffset: nextOffset - 1, count });
  });
}

/** After how many acks a commit is due. */
function everyOf({ commit }: ConsumerSettings): number {
  return commit === false ? Infinity : commit.records;
}

/** What is selected, what others subscribe to, and what is held still. */
function interestOf({ selection }: Subscription, topics: Iterable<string>, held: Iterable<TopicPartition>): Interest {
  const ours = [...held].map(({ topic }) => topic);
  return { names: [...new Set([...(selection?.names ?? []), ...topics, ...ours])], matches: selection?.matches };
}

/** What failed, the last one last: for the error that says why nothing began. */
function note(engine: Engine, api: string, broker = '', error: Error): void {
  const what = `${api} ${broker}`;
  engine.troubles.delete(what);
  engine.troubles.set(what, error);
  if (JOINING.has(api)) engine.troubledAt = engine.context.scheduler.now();
}

function committerOf(
  rooms: Pick<Engine, 'settings' | 'context' | 'table' | 'cluster'> & { readonly coordinator: Coordinator },
  membership: () => GroupMembership | undefined,
): Committer {
  const { settings, context, coordinator, table, cluster } = rooms;
  const { mode, commit } = settings;
  return createCommitter({
    context,
    coordinator,
    table,
    groupId: mode.groupId ?? '',
    asMember: mode.kind === 'group',
    interval: commit === false ? Infinity : commit.interval,
    evicted: (error, under) => membership()?.evicted(error, under) ?? true,
    outdated: () => cluster.invalidate(),
  });
}

/** Where a partition begins when nothing is committed for it: its own `startFrom`, the common one, the reset policy; a later one at its beginning. */
export function startOf({ settings, original }: Engine, place: TopicPartition): Target {
  const { mode, startFrom, autoOffsetReset } = settings;
  if (original.get(place.topic)?.partitions.has(place.partition) !== true) return { kind: 'place', at: 'earliest' };
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
