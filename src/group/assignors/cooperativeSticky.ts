import type { TopicPartition } from '../../model/topicPartition.ts';
import type { Assignor } from '../assignor.ts';
import { byInstanceThenMember } from './order.ts';
import { Claims } from './sticky/claims.ts';
import { deal } from './sticky/deal.ts';
import { equalShares } from './sticky/equalShares.ts';
import { fairShares } from './sticky/fairShares.ts';
import { type Pool, poolsOf } from './sticky/pools.ts';
import { encodeGeneration } from './sticky/userData.ts';

/**
 * Moves as few partitions as it can, and those without stopping the others: Kafka's cooperative-sticky (KIP-429).
 *
 * The members get as many partitions as one another, as far as their subscriptions allow, and among all the ways to do so this takes one
 * in which as many partitions as possible stay with the member that holds them. A partition that moves is left out of the assignment while
 * another member says that it holds it: that member gives it up, joins again, and the next assignment has it.
 *
 * It is for one group with Java's CooperativeStickyAssignor: either may lead. Racks are not looked at.
 */
export const cooperativeSticky: Assignor = {
  name: 'cooperative-sticky',
  protocol: 'cooperative',
  subscribe: (_topics, _owned, generation) => encodeGeneration(generation),
  assign(members, partitionCounts) {
    const sorted = members.toSorted(byInstanceThenMember);
    const claims = new Claims(sorted);
    const pools = poolsOf(sorted, partitionCounts, claims);
    const shares = sharesOf(pools, sorted.length);
    const hands: readonly TopicPartition[][] = sorted.map(() => []);
    pools.forEach((pool, index) => deal(pool, shares[index], hands));
    return new Map(sorted.map(({ memberId }, index) => [memberId, withoutMoving(hands[index] ?? [], index, claims)]));
  },
};

/** How many partitions of each pool go to each member. Where all subscribe to the same there is one pool, and nothing to search for. */
function sharesOf(pools: readonly Pool[], members: number): readonly Int32Array[] {
  const [only] = pools;
  return only !== undefined && pools.length === 1 ? [equalShares(only, members)] : fairShares(pools, members);
}

/** What a member may have at once. */
function withoutMoving(partitions: readonly TopicPartition[], member: number, claims: Claims): readonly TopicPartition[] {
  return partitions.filter((partition) => claims.ownerOf(partition) === member || !claims.heldByAnother(partition, member));
}
