import type { StartPosition } from '../../src/model/startPosition.ts';
import type { Happening } from '../../src/testing/happening.ts';
import type { KafkaVersion } from '../../src/testing/model/admin/kafkaVersion.ts';

/** A life of a cluster and its consumers, as a value: all that is going to happen. Times are ms from its beginning. */
export interface Plan {
  readonly seed: number;
  readonly brokers: number;
  /** Where they stand; absent: nobody reads from a follower. */
  readonly racks?: readonly (string | null)[];
  /** Absent: the newest. */
  readonly kafka?: KafkaVersion;
  /** Fetch sessions that each broker has room for; absent: enough. */
  readonly sessionSlots?: number;
  readonly latency: number;
  readonly topics: readonly TopicPlan[];
  readonly members: readonly MemberPlan[];
  readonly happenings: readonly TimedHappening[];
  /** From then on nothing fails any more, and every record has to arrive. */
  readonly quietAt: number;
}

export interface TopicPlan {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Records that are there from the beginning, in each partition. */
  readonly records: number;
}

/** What happens to a log, by what there is of it then. Offsets are counted back from its end, or from what is read of it. */
export type LogHappening =
  /** It is cut there, in a new epoch: an unclean election. `read`: as far as any consumer has come. */
  | {
      readonly kind: 'unclean';
      readonly topic: string;
      readonly partition: number;
      readonly below: number;
      readonly from: 'read' | 'end';
    }
  /** A byte of the batch that lies there is wrong, until the fault is over. */
  | { readonly kind: 'damage'; readonly topic: string; readonly partition: number; readonly below: number }
  /** A batch of records of that many keys, so that compaction has something to take away. */
  | { readonly kind: 'keyed'; readonly topic: string; readonly partition: number; readonly records: number; readonly keys: number }
  /** A broker that forgets what it was told in fetch sessions: it restarts, and all are as they were. */
  | { readonly kind: 'restart'; readonly node: number };

/** `until`: of a fault, when it is over. */
export interface TimedHappening {
  readonly at: number;
  readonly happening: Happening | LogHappening;
  readonly until?: number;
}

export interface MemberPlan {
  readonly name: string;
  readonly at: number;
  readonly options: OptionsPlan;
  readonly work: WorkPlan;
  readonly acts: readonly Act[];
  /** Absent: it is there to the end. */
  readonly end?: { readonly at: number; readonly how: 'unsubscribe' | 'until' | 'crash' };
}

/** Options of a consumer, as far as they are played. */
export interface OptionsPlan {
  readonly groupId?: string;
  readonly topics?: readonly string[];
  readonly partitions?: readonly { readonly topic: string; readonly partition: number }[];
  /** `both`: on the way from eager to cooperative. */
  readonly assignor?: 'range' | 'cooperative' | 'both';
  readonly rackId?: string;
  readonly autoOffsetReset?: 'latest';
  readonly delivery?: 'at-most-once';
  readonly commit?: { readonly interval: number; readonly records?: number } | false;
  readonly startFrom?: StartPosition;
  readonly isolationLevel?: 'read_uncommitted';
  readonly sessionTimeout?: number;
  readonly heartbeatInterval?: number;
  readonly rebalanceTimeout?: number;
  readonly requestTimeout: number;
  readonly backoff: { readonly initial: number; readonly max: number };
  readonly window?: { readonly records: number };
  readonly maxBuffered?: number;
  readonly maxWait: number;
  readonly maxPartitionBytes?: number;
  readonly metadataMaxAge?: number;
}

/**
 * What is done with the records. `process`, `batches`: by the operators of those names. `loose`: several at a time, acked as they are done, in any
 * order; subscribed again when it is told so. `commits`: acked at once, committed by hand.
 */
export interface WorkPlan {
  readonly kind: 'process' | 'batches' | 'loose' | 'commits';
  /** How long one takes, ms; 0: no time. */
  readonly delay: number;
  /** Every so many of them fails at its first try; 0: none. */
  readonly failing: number;
  /** How long after a failure it is tried again, ms. */
  readonly restart: number;
  /** Every so many of them blocks the event loop; 0: none. */
  readonly blocking: number;
  /** For so long, ms. */
  readonly block: number;
}

/** What its user does. `stream`: of those that there are then, by number. */
export type Act =
  | { readonly at: number; readonly kind: 'seek'; readonly stream: number; readonly to: StartPosition | 'committed' }
  | { readonly at: number; readonly kind: 'pause'; readonly stream: number; readonly length: number }
  /** `loose` only. */
  | { readonly at: number; readonly kind: 'resubscribe' };
