import type { TopicPartition } from '../../model/topicPartition.ts';
import type { Assignor, GroupMember } from '../assignor.ts';

/**
 * Gives each member a run of neighbouring partitions of each topic, as Java's RangeAssignor does without racks.
 *
 * Topic by topic: its partitions are cut into as many runs as it has subscribers; where it does not divide, the first ones get one more.
 * Partitions of the same number of two topics go to the same member if the same members subscribe to both.
 */
export const range: Assignor = {
  name: 'range',
  protocol: 'eager',
  assign(members, partitionCounts) {
    const assignment = new Map<string, TopicPartition[]>(members.map(({ memberId }) => [memberId, []]));
    for (const [topic, subscribers] of subscribersByTopic(members)) {
      const count = partitionCounts.get(topic) ?? 0;
      const least = Math.floor(count / subscribers.length);
      const oneMore = count % subscribers.length;
      subscribers.forEach(({ memberId }, index) => {
        const first = least * index + Math.min(index, oneMore);
        const length = least + (index < oneMore ? 1 : 0);
        for (let partition = first; partition < first + length; partition++) assignment.get(memberId)?.push({ topic, partition });
      });
    }
    return assignment;
  },
};

/** The topics in order, and the members of each in Java's order. */
function subscribersByTopic(members: readonly GroupMember[]): readonly (readonly [string, readonly GroupMember[]])[] {
  const byTopic = new Map<string, GroupMember[]>();
  for (const member of members.toSorted(byInstanceThenMember)) {
    for (const topic of new Set(member.topics)) {
      const subscribers = byTopic.get(topic);
      if (subscribers === undefined) byTopic.set(topic, [member]);
      else subscribers.push(member);
    }
  }
  return [...byTopic].sort(([a], [b]) => byCodeUnits(a, b));
}

/**
 * Java's order of members: static ones first, by instance id, then the others by member id. An instance id survives a restart and a
 * member id does not, so a static member keeps its place, and with it its partitions.
 */
function byInstanceThenMember(a: GroupMember, b: GroupMember): number {
  if (a.instanceId !== null && b.instanceId !== null) return byCodeUnits(a.instanceId, b.instanceId);
  if (a.instanceId !== null) return -1;
  if (b.instanceId !== null) return 1;
  return byCodeUnits(a.memberId, b.memberId);
}

/** Java's String.compareTo. */
function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
