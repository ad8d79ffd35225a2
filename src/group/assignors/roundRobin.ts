import type { TopicPartition } from '../../model/topicPartition.ts';
import type { Assignor, GroupMember } from '../assignor.ts';
import { byCodeUnits, byInstanceThenMember } from './order.ts';

/**
 * Deals the partitions of all topics out like cards, as Java's RoundRobinAssignor does.
 *
 * Topic by topic, each partition goes to the next member that subscribes to its topic. Where all subscribe to the same topics, nobody gets
 * two partitions more than another.
 */
export const roundRobin: Assignor = { name: 'roundrobin', protocol: 'eager', assign: dealt };

/** Every partition that somebody subscribes to, one to each member in turn; a member is passed over where it does not subscribe. */
export function dealt(
  members: readonly GroupMember[],
  partitionCounts: ReadonlyMap<string, number>,
): ReadonlyMap<string, readonly TopicPartition[]> {
  const hands = members
    .toSorted(byInstanceThenMember)
    .map(({ memberId, topics }) => ({ memberId, topics: new Set(topics), partitions: [] as TopicPartition[] }));
  let turn = 0;
  for (const topic of [...new Set(members.flatMap(({ topics }) => topics))].sort(byCodeUnits)) {
    for (let partition = 0; partition < (partitionCounts.get(topic) ?? 0); partition++) {
      while (hands[turn % hands.length]?.topics.has(topic) === false) turn++;
      hands[turn++ % hands.length]?.partitions.push({ topic, partition });
    }
  }
  return new Map(hands.map(({ memberId, partitions }) => [memberId, partitions]));
}
