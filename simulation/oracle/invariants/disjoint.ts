import { violated, type Rule, type World } from '../rule.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';

/** No partition begins at one member of a group while another one, whom the group still knows, has not given it up. */
export function disjoint(): Rule {
  return {
    see(seen, member, _at, world) {
      if (seen.kind !== 'stream') return;
      const { topic, partition } = seen.view;
      for (const other of world.members.values())
        if (other !== member && holds(other, member, topic, partition, world))
          violated('OWN', member, `a stream of ${topic}-${String(partition)} began, and ${other.name} has not given it up`);
    },
  };
}

function holds(other: MemberShadow, member: MemberShadow, topic: string, partition: number, { truth }: World): boolean {
  const { standing, live, settings } = other;
  const { groupId } = settings.mode;
  if (!live || !standing.stable || settings.mode.kind !== 'group' || groupId !== member.settings.mode.groupId) return false;
  // Who was put out of the group may hear of it late, also who has only just been given something.
  if (groupId === undefined || !truth.isMember(groupId, standing.memberId) || !truth.isMember(groupId, member.standing.memberId))
    return false;
  const stream = other.streamOf(topic, partition);
  if (stream === undefined || stream.isLost) return false;
  return standing.releasing.has(stream.key) || (standing.owned.has(stream.key) && stream.ended === undefined);
}
