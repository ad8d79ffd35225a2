import type { TopicPartition } from '../../../model/topicPartition.ts';
import type { Pool } from './pools.ts';

/**
 * Puts partitions into the hands of members: of what each holds as much as its share allows, then the rest, one to each in turn who has not
 * got its share yet: at first what nobody holds, for that can be had at once.
 */
export function deal({ subscribers, owned, free }: Pool, shares: Int32Array | undefined, hands: readonly TopicPartition[][]): void {
  const rest = [...free];
  let wanting: { readonly member: number; missing: number }[] = [];
  for (const member of subscribers) {
    const share = shares?.[member] ?? 0;
    const held = owned.get(member) ?? [];
    hands[member]?.push(...held.slice(0, share));
    rest.push(...held.slice(share));
    if (share > held.length) wanting.push({ member, missing: share - held.length });
  }
  let next = 0;
  while (wanting.length > 0) {
    for (const one of wanting) {
      hands[one.member]?.push(...rest.slice(next, ++next));
      one.missing--;
    }
    wanting = wanting.filter(({ missing }) => missing > 0);
  }
}
