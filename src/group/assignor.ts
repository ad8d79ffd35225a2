import type { TopicPartition } from '../model/topicPartition.ts';

/** One member of the group, as the leader sees it when it assigns. */
export interface GroupMember {
  readonly memberId: string;
  /** Of a static member (KIP-345); null for the others. */
  readonly instanceId: string | null;
  /** The topics that it subscribes to, without repetition. */
  readonly topics: readonly string[];
  /** What its assignor wrote with `subscribe`; null if nothing. */
  readonly userData: Buffer | null;
  /** What it holds while it joins: always empty under an eager protocol. */
  readonly owned: readonly TopicPartition[];
  /** The generation in which it got `owned`; -1 if there is none (KIP-792). */
  readonly generation: number;
}

/** How the messages of an assignor differ from those of Java's consumers. Reading is the same for all: the version is in the message. */
export interface AssignorWire {
  /** Of the consumer protocol, in subscriptions and assignments: 0 to 3. What it has no room for is not told (1: `owned`; 2: `generation`). */
  readonly version: number;
  /** What stands in the assignments as user data, and in the subscriptions where there is no `subscribe`. */
  readonly userData: Buffer | null;
}

/**
 * Decides who gets which partition. Every member of a group must offer one of the same name; the leader's decision holds for all.
 *
 * Pure: the same members and counts give the same assignment, whatever their order.
 */
export interface Assignor {
  /** Kafka's name of it on the wire: `range`, `roundrobin`, `cooperative-sticky`. */
  readonly name: string;
  /** `eager`: everything is given up before a rebalance. `cooperative`: only what moves (KIP-429). */
  readonly protocol: 'eager' | 'cooperative';
  /** What is peculiar to its messages. Absent: they are written as Java's consumers write theirs, in version 3 and without user data. */
  readonly wire?: AssignorWire;
  /**
   * What to tell the leader besides the topics. Absent: `wire.userData`. `owned`: what the member holds while it joins, always empty under
   * an eager protocol; `generation`: the one of its last assignment, -1 if there is none.
   */
  subscribe?(topics: readonly string[], owned: readonly TopicPartition[], generation: number): Buffer | null;
  /**
   * The partitions of each member. `partitionCounts`: how many partitions each topic has; a topic that is not in it does not exist.
   * A member that is not in the answer gets none.
   */
  assign(members: readonly GroupMember[], partitionCounts: ReadonlyMap<string, number>): ReadonlyMap<string, readonly TopicPartition[]>;
}

/**
 * Whether a member that offers these keeps its partitions through a rebalance: only if all of them are cooperative. A list of both kinds is the way from
 * one to the other: the members that have it are eager, and the last step takes the eager one out (KIP-429).
 */
export function isCooperative(assignors: readonly Assignor[]): boolean {
  return assignors.every(({ protocol }) => protocol === 'cooperative');
}
