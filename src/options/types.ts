import type { Observable, ObservableInput, SchedulerLike } from 'rxjs';
import type { Assignor } from '../group/assignor.ts';
import type { ConsumerEvent } from '../model/events.ts';
import type { AutoOffsetReset, IsolationLevel, StartFrom, StartPosition } from '../model/startPosition.ts';
import type { TopicPartition } from '../model/topicPartition.ts';

/**
 * Topics by name or by pattern. A pattern is live: a topic that appears and matches is subscribed, at the latest `metadataMaxAge` later, and
 * begins at 'earliest'. It matches anywhere in the name unless it says `^` and `$`, has no `g` or `y` flag, and does not match internal
 * topics, which are consumed only by name. One that matches nothing is fine: the consumer waits for a topic that does.
 */
export type TopicSelection = string | RegExp | readonly (string | RegExp)[];

/** A member of a consumer group: Kafka divides the partitions of the topics among the members. */
export interface GroupOptions {
  /** The group (Kafka: `group.id`). Not empty. */
  readonly groupId: string;
  /**
   * What to consume. With an Observable each value replaces the selection, and nothing is joined before the first; the same one again does
   * nothing. It is subscribed once per consumer. Its completion changes nothing, its error ends the consumer, as does a value that is no
   * selection (OptionsError). A name that there is no topic of ends the consumer after `startTimeout` at the start, and is looked for later on.
   */
  readonly topics: TopicSelection | Observable<TopicSelection>;
  /**
   * Makes the member static: it keeps its partitions over a restart shorter than `sessionTimeout` (KIP-345, `group.instance.id`). Of two with one
   * id the older ends with InstanceFencedError, and stays so: subscribing it again errors again. A new `Kafka` object takes the id back.
   */
  readonly instanceId?: string;
  /** Whether to leave the group at the end, so that the others get the partitions at once. Default: unless there is an `instanceId`. */
  readonly leaveOnClose?: boolean;
  /**
   * How the partitions are divided, by preference; the group takes one that every member has. Default: `[cooperativeSticky]` (KIP-429). A member keeps
   * its partitions through a rebalance only if all that it lists are cooperative.
   */
  readonly assignors?: readonly Assignor[];
  /**
   * The rack of this consumer, as the `broker.rack` of the brokers that are near: the closest replica is read for `metadataMaxAge`, where the brokers' `replica.selector.class` is the
   * rack aware one (KIP-392, `client.rack`; Kafka 2.4). Default: the leader is read.
   */
  readonly rackId?: string;
  /** After how long without a heartbeat the member is taken for dead: ms, an integer of at least 1. Default: 45,000 (`session.timeout.ms`). */
  readonly sessionTimeout?: number;
  /**
   * From the answer to one heartbeat to the next one: ms, at least 1 and below `sessionTimeout`. Default: 3,000, or a third of
   * `sessionTimeout` where that is less (`heartbeat.interval.ms`).
   */
  readonly heartbeatInterval?: number;
  /**
   * How long a rebalance waits for this member to hand over and join again: ms, an integer of at least 1. Default: 60,000
   * (`rebalance.timeout.ms`, in Java `max.poll.interval.ms`).
   */
  readonly rebalanceTimeout?: number;
}

/** One partition to consume without a group to assign it. */
export interface ManualPartition extends TopicPartition {
  /** Where to begin in this one; goes before the consumer's `startFrom`. */
  readonly startFrom?: StartPosition;
}

/** Partitions of your own choice. */
export interface ManualOptions {
  /** At least one, each once. */
  readonly partitions: readonly ManualPartition[];
  /** Commits go to this group, and are read from it at the start, without being a member. Default: nothing is committed. */
  readonly groupId?: string;
}

/** When to commit what is acked. */
export interface CommitOptions {
  /** At the latest that long after an ack: ms, at least 1. Default: 5,000 (`auto.commit.interval.ms`). */
  readonly interval?: number;
  /** Also after that many acks: an integer of at least 1. Default: no such limit. */
  readonly records?: number;
}

/**
 * How often a record may be processed when something fails. `at-least-once` (the default) commits what is acked; with `commit: false`
 * nothing is committed unless `partition.commit()` says so. `at-most-once` commits before it delivers: it needs a `groupId`.
 */
export type DeliveryOptions =
  | { readonly delivery?: 'at-least-once'; readonly commit?: CommitOptions | false }
  | { readonly delivery: 'at-most-once'; readonly commit?: never };

/** How much may be delivered and not acked, of each partition. */
export interface WindowOptions {
  /** An integer of at least 1. Default: 10,000. */
  readonly records?: number;
  /** An integer of at least 1; with nothing outstanding one record of any size may go. Default: 16 MiB. */
  readonly bytes?: number;
}

/** What a request for records asks. */
export interface FetchOptions {
  /** The broker answers when it has that much: bytes, an integer of at least 1. Default: 1 (`fetch.min.bytes`). */
  readonly minBytes?: number;
  /** … or after that long: ms, an integer of at least 1. Default: 500 (`fetch.max.wait.ms`). */
  readonly maxWait?: number;
  /** At most, for an answer: bytes, an integer of at least 1. Default: 8 MiB (`fetch.max.bytes`). */
  readonly maxBytes?: number;
  /** At most, for a partition: bytes, an integer of at least 1. Default: 1 MiB (`max.partition.fetch.bytes`). */
  readonly maxPartitionBytes?: number;
}

/** How long to wait after failures: exponential, with jitter. */
export interface BackoffOptions {
  /** After the first failure: ms, at least 1, at most `max`. Default: 100 (`retry.backoff.ms`, KIP-580). */
  readonly initial?: number;
  /** At most: ms, up to 2^30 − 1. Default: 10,000 (`retry.backoff.max.ms`, KIP-580). */
  readonly max?: number;
  /** More or less by that part of the wait: 0 to 1. Default: 0.2. */
  readonly jitter?: number;
}

/** Gets the events of a consumer. Of an observer only `next` is called. */
export type EventSink = ((event: ConsumerEvent) => void) | { next(event: ConsumerEvent): void };

/** Options of every consumer. Times are milliseconds, at most 2^31 − 1. */
export interface CommonOptions {
  /**
   * Where to begin. Wherever there is a groupId, member or not, a committed offset wins; without one this always applies. A partition's
   * own `startFrom` goes before it; a partition that appears while running starts at 'earliest'. Default: as `autoOffsetReset` says; with
   * 'none' and nothing to begin with, that stream errors.
   */
  readonly startFrom?: StartFrom;
  /**
   * Where to go when the position is out of range, or the log was truncated below it. 'none': that partition's stream errors, with OffsetOutOfRangeError or LOG_TRUNCATED.
   * Default: 'earliest', which loses nothing (`auto.offset.reset`).
   */
  readonly autoOffsetReset?: AutoOffsetReset;
  /**
   * Completes when everything up to a mark has been processed. 'end': the ends of the partitions at subscription. `timestamp`: the first
   * record at or after it, ms since the epoch. Default: goes on for ever.
   */
  readonly stopAt?: 'end' | { readonly timestamp: number };
  /**
   * Stops gracefully at its first value, or when the signal aborts: streams complete, acks are awaited and committed. A level is safest
   * (AbortSignal, ReplaySubject). Its completion without a value does nothing; its error is the consumer's.
   */
  readonly until?: ObservableInput<unknown> | AbortSignal;
  /** How long a graceful stop waits for acks, then DrainTimeoutError: ms, at least 0. Default: 30,000. */
  readonly drainTimeout?: number;
  /** Bounds the last commit and the leave, each, after unsubscribing: ms, at least 0. Default: 5,000. */
  readonly closeTimeout?: number;
  /**
   * Until the first assignment, an empty one included; stands still while a join is parked. Then the consumer errors with what kept it.
   * ms; 0: for ever. Default: 60,000.
   */
  readonly startTimeout?: number;
  /** Whether records of open and aborted transactions are delivered. Default: 'read_committed', they are not (`isolation.level`, KIP-98). */
  readonly isolationLevel?: IsolationLevel;
  /** How much of each partition may be delivered and not acked: size it as rate × deadline. */
  readonly window?: WindowOptions;
  /** How much may be fetched and not acked, whole consumer: bytes, an integer of at least 1. Default: 64 MiB. */
  readonly maxBuffered?: number;
  readonly fetch?: FetchOptions;
  /**
   * How long to wait for an answer: ms, at least 1. Fetches wait `fetch.maxWait` longer, JoinGroup and SyncGroup for `rebalanceTimeout` and 5 s.
   * Default: 30,000 (`request.timeout.ms`).
   */
  readonly requestTimeout?: number;
  readonly backoff?: BackoffOptions;
  /** After how long what we believe about the cluster is asked anew: ms, at least 1. Default: 300,000, with patterns 30,000 (`metadata.max.age.ms`). */
  readonly metadataMaxAge?: number;
  /** How long an assigned stream may be without a subscriber and a pause before UnattendedPartitionError ends the consumer: ms, at least 1; false: for ever. Default: 30,000. */
  readonly unattendedTimeout?: number | false;
  /** Whether the checksum of each batch is checked. Default: true (`check.crcs`). */
  readonly checkCrcs?: boolean;
  /** Told what happens inside. What it throws is reported as uncaught and does not reach the consumer. */
  readonly events?: EventSink;
  /** The clock. Default: `asyncScheduler`, with a clock that never goes back. */
  readonly scheduler?: SchedulerLike;
  /** Chance, for the jitter: numbers from 0 up to 1, as of `Math.random`. */
  readonly random?: () => number;
}

/** One or the other: the options of the one exclude those of the other. */
export type Xor<A, B> = (A & Without<B, A>) | (B & Without<A, B>);
type Without<B, A> = Readonly<Partial<Record<Exclude<keyof B, keyof A>, never>>>;

/** The options of a consumer: either `groupId` and `topics`, or `partitions`. */
export type ConsumerOptions = Xor<GroupOptions, ManualOptions> & DeliveryOptions & CommonOptions;
