import type { Membership } from '../model/partitionStream.ts';
import type { TopicPartition } from '../model/topicPartition.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../protocol/apis/joinGroup.ts';
import type { SyncGroupRequestAssignment } from '../protocol/apis/syncGroup.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type TopicPartitions,
} from '../protocol/consumerProtocol.ts';
import type { Assignor, GroupMember } from './assignor.ts';
import type { GroupSettings } from './host.ts';

/** The type of all groups of consumers. */
export const protocolType = 'consumer';

/** What was agreed in one round of JoinGroup. */
export interface Joined extends Membership {
  readonly leader: boolean;
  /** Which assignor, by name. */
  readonly protocolName: string;
  /** The leader keeps the assignment that there is (KIP-814). */
  readonly skipAssignment: boolean;
  /** What we said that we hold. Some of it may be lost since: the leader does not know. */
  readonly claimed: readonly TopicPartition[];
  /** Of all, where we lead; else empty. */
  readonly members: readonly GroupMember[];
}

/** What a member says of itself when it joins. */
export interface Joining {
  /** Empty in a first join. */
  readonly memberId: string;
  readonly topics: readonly string[];
  /** What it holds: nothing under an eager protocol. */
  readonly owned: readonly TopicPartition[];
  /** In which generation it was given that; -1: it holds nothing. */
  readonly assignedIn: number;
  /** Why, for the log of the broker (KIP-800); null for a first join. */
  readonly reason: string | null;
}

export function joinRequest(
  { groupId, instanceId, rackId, sessionTimeout, rebalanceTimeout, assignors }: GroupSettings,
  joining: Joining,
): JoinGroupRequest {
  return {
    groupId,
    sessionTimeoutMs: sessionTimeout,
    rebalanceTimeoutMs: rebalanceTimeout,
    memberId: joining.memberId,
    groupInstanceId: instanceId ?? null,
    protocolType,
    protocols: assignors.map((assignor) => ({ name: assignor.name, metadata: subscriptionOf(assignor, joining, rackId ?? null) })),
    reason: joining.reason?.slice(0, 255) ?? null,
  };
}

function subscriptionOf(assignor: Assignor, joining: Joining, rackId: string | null): Buffer {
  const { wire } = assignor;
  const { owned, assignedIn } = joining;
  const topics = [...new Set(joining.topics)].sort();
  const userData = assignor.subscribe?.(topics, owned, assignedIn) ?? wire?.userData ?? null;
  return encodeSubscription({ topics, userData, ownedPartitions: byTopic(owned), generationId: assignedIn, rackId }, wire?.version);
}

/** Of an answer without error. */
export function joinedOf({ groupId, instanceId }: GroupSettings, response: JoinGroupResponse, claimed: readonly TopicPartition[]): Joined {
  const { memberId, generationId, leader, protocolName, skipAssignment, members } = response;
  return {
    groupId,
    memberId,
    generation: generationId,
    ...(instanceId !== undefined && { instanceId }),
    leader: leader === memberId,
    protocolName: protocolName ?? '',
    skipAssignment,
    claimed,
    members: members.map((member) => {
      const { topics, userData, ownedPartitions, generationId: generation } = decodeSubscription(member.metadata);
      const owned = ownedPartitions.flatMap(partitionsOf);
      return { memberId: member.memberId, instanceId: member.groupInstanceId, topics: [...new Set(topics)], userData, owned, generation };
    }),
  };
}

/** Every topic that a member of the group subscribes to, in order. */
export function topicsOf(members: readonly GroupMember[]): readonly string[] {
  return [...new Set(members.flatMap(({ topics }) => topics))].sort();
}

/** What the leader hands in: one assignment for each member, an empty one too. */
export function assignmentsFor(
  assignor: Assignor,
  members: readonly GroupMember[],
  partitionCounts: ReadonlyMap<string, number>,
): readonly SyncGroupRequestAssignment[] {
  const assigned = assignor.assign(members, partitionCounts);
  const { version, userData = null } = assignor.wire ?? {};
  return members.map(({ memberId }) => ({
    memberId,
    assignment: encodeAssignment({ assignedPartitions: byTopic(assigned.get(memberId) ?? []), userData }, version),
  }));
}

/** What a SyncGroup answered. */
export function assignedPartitions(assignment: Buffer): readonly TopicPartition[] {
  return decodeAssignment(assignment).assignedPartitions.flatMap(partitionsOf);
}

function partitionsOf({ topic, partitions }: TopicPartitions): readonly TopicPartition[] {
  return partitions.map((partition) => ({ topic, partition }));
}

function byTopic(partitions: readonly TopicPartition[]): readonly TopicPartitions[] {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const list = topics.get(topic);
    if (list === undefined) topics.set(topic, [partition]);
    else list.push(partition);
  }
  return [...topics].map(([topic, list]) => ({ topic, partitions: list }));
}
