import type { TopicPartition } from '../model/topicPartition.ts';
import type { BrokerAddress } from '../transport/port.ts';
import type { Contest } from './contest.ts';
import type { Matches } from './interest.ts';

export interface BrokerView extends BrokerAddress {
  readonly nodeId: number;
  readonly rack: string | null;
}

export interface PartitionView {
  /** Node id; -1: there is none at the moment. */
  readonly leader: number;
  /** -1: unknown. */
  readonly leaderEpoch: number;
}

/** Who leads a partition, by the word of a broker that does not (KIP-951). */
export interface LeaderHint extends TopicPartition, PartitionView {}

export interface TopicView {
  readonly name: string;
  /** The topic's id as 32 hex digits (KIP-516); all zero where the broker is too old to know. */
  readonly id: string;
  readonly internal: boolean;
  readonly partitions: ReadonlyMap<number, PartitionView>;
}

/** What we believe about the cluster: a value, replaced as a whole by each refresh. */
export interface ClusterView {
  readonly brokers: ReadonlyMap<number, BrokerView>;
  /** The topics that exist among those asked for. */
  readonly topics: ReadonlyMap<string, TopicView>;
  /** Kafka's error code of each topic asked for that has one. */
  readonly errors: ReadonlyMap<string, number>;
  /** The topics that the last answers deny, without being believed yet: what we know of these stays. Absent: none. */
  readonly contests?: ReadonlyMap<string, Contest>;
  /** What decided which topics are known beside those that were named; undefined: none are. */
  readonly matches?: Matches | undefined;
  /** When it was learnt, ms on the scheduler's clock; undefined before the first answer. */
  readonly at: number | undefined;
  /** When it was asked for: what is newer than that it does not answer. Absent before the first answer. */
  readonly askedAt?: number;
}

export const nothingKnown: ClusterView = { brokers: new Map(), topics: new Map(), errors: new Map(), at: undefined };
