import type { TopicPartition } from '../../../model/topicPartition.ts';
import type { GroupMember } from '../../assignor.ts';
import { byCodeUnits } from '../order.ts';
import type { Claims } from './claims.ts';

/** The partitions of all topics that the same members subscribe to: each of these members may have each of them. Members go by their index. */
export interface Pool {
  /** In order. */
  readonly subscribers: readonly number[];
  /** How many partitions. */
  readonly size: number;
  /**
   * What subscribers hold, by partition and then by topic. Who has to give something up gives from the end, so from all of its topics
   * alike.
   */
  readonly owned: ReadonlyMap<number, readonly TopicPartition[]>;
  /** What nobody holds, by topic and partition. */
  readonly free: readonly TopicPartition[];
}

/** Topics without partitions make no pool. */
export function poolsOf(members: readonly GroupMember[], partitionCounts: ReadonlyMap<string, number>, claims: Claims): readonly Pool[] {
  const pools = new Map<string, { subscribers: readonly number[]; partitions: TopicPartition[] }>();
  for (const [topic, subscribers] of subscribersByTopic(members)) {
    const count = partitionCounts.get(topic) ?? 0;
    if (count === 0) continue;
    const key = subscribers.join();
    const pool = pools.get(key) ?? { subscribers, partitions: [] };
    for (let partition = 0; partition < count; partition++) pool.partitions.push({ topic, partition });
    pools.set(key, pool);
  }
  return [...pools.values()].map(({ subscribers, partitions }) => poolOf(subscribers, partitions, claims));
}

function poolOf(subscribers: readonly number[], partitions: readonly TopicPartition[], claims: Claims): Pool {
  const owned = new Map<number, TopicPartition[]>(subscribers.map((member) => [member, []]));
  const free: TopicPartition[] = [];
  for (const partition of partitions) (owned.get(claims.ownerOf(partition) ?? -1) ?? free).push(partition);
  for (const list of owned.values()) list.sort((a, b) => a.partition - b.partition); // stable: the topics stay in order
  return { subscribers, size: partitions.length, owned, free };
}

/** The topics in order, and of each the members in order. */
function subscribersByTopic(members: readonly GroupMember[]): readonly (readonly [string, readonly number[]])[] {
  const byTopic = new Map<string, number[]>();
  members.forEach(({ topics }, member) => {
    for (const topic of topics) {
      const subscribers = byTopic.get(topic);
      if (subscribers === undefined) byTopic.set(topic, [member]);
      else subscribers.push(member);
    }
  });
  return [...byTopic].sort(([a], [b]) => byCodeUnits(a, b));
}
