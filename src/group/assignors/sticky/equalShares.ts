import type { Pool } from './pools.ts';

/**
 * How many partitions of the one pool each member gets: they differ by one at most.
 *
 * Where it does not divide, some get one more: first those who hold the most, for whoever holds more than its share has to give up the rest.
 */
export function equalShares({ subscribers, size, owned }: Pool, members: number): Int32Array {
  const shares = new Int32Array(members);
  const least = Math.floor(size / subscribers.length);
  const oneMore = size % subscribers.length;
  const held = (member: number): number => owned.get(member)?.length ?? 0;
  subscribers.toSorted((a, b) => held(b) - held(a)).forEach((member, index) => (shares[member] = least + (index < oneMore ? 1 : 0)));
  return shares;
}
