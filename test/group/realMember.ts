import { asyncScheduler, defer, EMPTY, ignoreElements, lastValueFrom, map, NEVER, type Subscription, timeout } from 'rxjs';
import { createCluster } from '../../src/cluster/cluster.ts';
import { createCoordinator } from '../../src/cluster/coordinator.ts';
import type { Cluster } from '../../src/cluster/ports.ts';
import { range } from '../../src/group/assignors/range.ts';
import type { GroupHost, GroupMembership, GroupSettings } from '../../src/group/host.ts';
import { createMembership } from '../../src/group/membership.ts';
import type { Happening } from '../../src/model/events.ts';
import { partitionKey, type TopicPartition } from '../../src/model/topicPartition.ts';
import { kafkajsConnector } from '../../src/transport/kafkajs/kafkajsConnector.ts';
import { type HasBrokers, kafkajsFor } from '../support/kafka.ts';

/** A member of a group on a real Kafka: what it holds, and what happened to it. It consumes nothing. */
export class RealMember {
  readonly cluster: Cluster;
  readonly membership: GroupMembership;
  readonly told: Happening[] = [];
  readonly log: string[] = [];
  held: readonly string[] = [];
  #owned: readonly TopicPartition[] = [];
  failure: unknown;
  lastAlive = 0;
  readonly #running: Subscription;

  constructor(kafka: HasBrokers, groupId: string, topics: readonly string[], options: Partial<GroupSettings> = {}) {
    const context = {
      connector: kafkajsConnector(kafkajsFor(kafka)),
      scheduler: asyncScheduler,
      random: Math.random,
      backoff: { initial: 50, max: 1_000, jitter: 0.2 },
      requestTimeout: 5_000,
      metadataMaxAge: 60_000,
      tell: (happening: Happening) => void this.told.push(happening),
    };
    this.cluster = createCluster(context, () => topics);
    const host: GroupHost = {
      context,
      coordinator: createCoordinator(context, this.cluster, groupId),
      options: { groupId, sessionTimeout: 6_000, heartbeatInterval: 300, rebalanceTimeout: 10_000, assignors: [range], ...options },
      subscription: () => topics,
      partitionCounts: () =>
        this.cluster.views.pipe(map((view) => new Map([...view.topics].map(([name, { partitions }]) => [name, partitions.size])))),
      rejoinNeeded: NEVER,
      stopping: () => false,
      owned: () => this.#owned,
      assigned: ({ added, kept, taken }, { generation }) => {
        this.#own([...kept, ...taken, ...added]);
        this.log.push(`assigned ${String(kept.length + added.length)} in ${String(generation)}`);
      },
      renewed: () => undefined,
      handOver: (partitions) =>
        defer(() => {
          const gone = new Set(partitions);
          this.#own(this.#owned.filter((place) => !gone.has(place)));
          return EMPTY;
        }),
      lost: (error) => {
        this.#own([]);
        this.log.push(`lost ${error.message}`);
      },
      alive: (sentAt) => (this.lastAlive = sentAt),
    };
    this.membership = createMembership(host);
    this.#running = this.cluster.refreshing.subscribe({ error: (error: unknown) => (this.failure = error) });
    this.#running.add(this.membership.run.subscribe({ error: (error: unknown) => (this.failure = error) }));
  }

  #own(places: readonly TopicPartition[]): void {
    this.#owned = places;
    this.held = places.map(({ topic, partition }) => partitionKey(topic, partition));
  }

  /** Leaves, and closes every connection. */
  async leave(): Promise<void> {
    await lastValueFrom(this.membership.leave().pipe(timeout(10_000), ignoreElements()), { defaultValue: undefined });
    this.vanish();
  }

  /** Is gone without a word. */
  vanish(): void {
    this.#running.unsubscribe();
    this.cluster.close();
  }
}
