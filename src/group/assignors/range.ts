import type { TopicPartition } from '../../model/topicPartition.ts';
import type { Assignor, GroupMember } from '../assignor.ts';
import { byCodeUnits, byInstanceThenMember } from './order.ts';

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
