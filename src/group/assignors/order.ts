import type { GroupMember } from '../assignor.ts';

/**
 * Java's order of members: static ones first, by instance id, then the others by member id. An instance id survives a restart and a
 * member id does not, so a static member keeps its place, and with it its partitions.
 */
export function byInstanceThenMember(a: GroupMember, b: GroupMember): number {
  if (a.instanceId !== null && b.instanceId !== null) return byCodeUnits(a.instanceId, b.instanceId);
  if (a.instanceId !== null) return -1;
  if (b.instanceId !== null) return 1;
  return byCodeUnits(a.memberId, b.memberId);
}

/** Java's String.compareTo. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
