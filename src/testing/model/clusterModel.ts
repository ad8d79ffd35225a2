import type { KafkaVersion } from './admin/kafkaVersion.ts';
import { newTopic, growTopic, type Partition, type Topic } from './topic.ts';
import { Groups } from './group/groups.ts';
import { Transactions } from './transaction/transactions.ts';
import type { FetchSessions } from './fetch/sessions.ts';

/** A broker: where it listens, and whether it does. */
export interface Broker {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
  up: boolean;
  /** Fetch sessions live in a broker and die with it (KIP-227). */
  sessions: FetchSessions;
  /** What it told of topics when its metadata froze; undefined: it tells what is true. */
  staleTopics: readonly TopicView[] | undefined;
}

/** What Metadata tells of a topic. */
export interface TopicView {
  readonly name: string;
  readonly id: string;
  readonly isInternal: boolean;
  readonly partitions: readonly {
    readonly index: number;
    readonly leader: number;
    readonly leaderEpoch: number;
    readonly replicas: readonly number[];
    readonly isr: readonly number[];
    readonly offline: readonly number[];
  }[];
}

/** Settings of brokers, by the names that Kafka has for them where it has one. */
export interface BrokerSettings {
  /** Whose API versions are spoken. */
  readonly kafka: KafkaVersion;
  /** `group.initial.rebalance.delay.ms`: how long the first member of an empty group waits for others. Kafka's default is 3,000; here 0. */
  readonly groupInitialRebalanceDelay: number;
  /** `group.min.session.timeout.ms`, `group.max.session.timeout.ms`. */
  readonly groupMinSessionTimeout: number;
  readonly groupMaxSessionTimeout: number;
  /** `max.incremental.fetch.session.cache.slots`. */
  readonly fetchSessionSlots: number;
  /** `auto.create.topics.enable`. Kafka's default is true; here false. */
  readonly autoCreateTopics: boolean;
  /** `replica.selector.class` is the rack aware one (KIP-392). */
  readonly rackAware: boolean;
}

/**
 * A Kafka cluster as a value that changes only when it is told to: no timer, no clock, no chance of its own.
 *
 * Whoever drives it hands in requests with the time at which they arrive, and calls `tick` when `due` has come. What it then answers
 * is what Apache Kafka 4.3.1 answers; where the two differ the contract suite says so.
 */
export class ClusterModel {
  readonly brokers: ReadonlyMap<number, Broker>;
  readonly settings: BrokerSettings;
  readonly topics: Map<string, Topic> = new Map();
  readonly groups: Groups;
  readonly transactions: Transactions;
  /** Raised by everything that a parked request may wait for. */
  revision = 0;
  /** Where groups and transactions are coordinated; -1: nowhere now. */
  coordinator: number;
  private topicCount = 0;
  private readonly names = new Map<string, string>();

  constructor(brokers: readonly Broker[], settings: BrokerSettings) {
    this.brokers = new Map(brokers.map((broker) => [broker.id, broker]));
    this.settings = settings;
    this.coordinator = brokers[0]?.id ?? -1;
    this.groups = new Groups(this);
    this.transactions = new Transactions(this);
  }

  /** The brokers that are up, by id. */
  get alive(): readonly number[] {
    return [...this.brokers.values()].filter(({ up }) => up).map(({ id }) => id);
  }

  changed(): void {
    this.revision++;
  }

  createTopic(name: string, partitions: number, replicationFactor = 1): Topic {
    const id = (++this.topicCount).toString(16).padStart(32, '0');
    const topic = newTopic(name, id, partitions, this.alive, replicationFactor);
    this.topics.set(name, topic);
    this.names.set(id, name);
    this.changed();
    return topic;
  }

  addPartitions(topic: Topic, partitions: number): void {
    growTopic(topic, partitions, this.alive, topic.partitions[0]?.replicas.length ?? 1);
    this.changed();
  }

  /** The topic, its logs and the offsets that groups have committed for it are gone. */
  deleteTopic(name: string): void {
    this.topics.delete(name);
    this.groups.forgetTopic(name);
    this.changed();
  }

  find(topic: string, partition: number): Partition | undefined {
    return this.topics.get(topic)?.partitions[partition];
  }

  findById(id: string): Topic | undefined {
    return [...this.topics.values()].find((topic) => topic.id === id);
  }

  /** The name of the topic that has, or had, that id. */
  nameOf(id: string): string | undefined {
    return this.names.get(id);
  }

  /** When something happens by itself next: ms on the cluster's clock; Infinity: never. */
  get due(): number {
    return Math.min(this.groups.due, this.transactions.due);
  }

  /** What was due by now happens: sessions and rebalances run out, transactions time out. */
  tick(now: number): void {
    this.groups.tick(now);
    this.transactions.tick(now);
  }
}
