import { violated, type Rule } from '../rule.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';
import type { StreamShadow } from '../shadow/streamShadow.ts';

/** No offset twice within one assignment, position epoch and delivery; at most once: over all deliveries and owners, unless the user went back. */
export function once(): Rule {
  const ofGroups = new Map<string, Set<number>>();

  const overAll = (member: MemberShadow, stream: StreamShadow, offset: number): void => {
    const { settings } = member;
    const place = `${settings.mode.groupId ?? member.name} ${stream.key}`;
    const delivered = ofGroups.get(place) ?? new Set();
    ofGroups.set(place, delivered);
    if (delivered.has(offset)) violated('ONCE', member, `${stream.key} delivered ${offset} a second time, at most once`);
    delivered.add(offset);
  };

  return {
    see(seen, member) {
      if (seen.kind !== 'delivered' && seen.kind !== 'seek') return;
      const stream = member.streams.get(seen.stream);
      if (stream === undefined) return;
      if (seen.kind === 'seek') {
        ofGroups.delete(`${member.settings.mode.groupId ?? member.name} ${stream.key}`);
        return;
      }
      for (const offset of seen.offsets) {
        if (stream.expected !== undefined && offset < stream.expected && !stream.fresh)
          violated('ONCE', member, `${stream.key} delivered ${offset} though it had come to ${stream.expected} in this delivery`);
        if (member.settings.delivery === 'at-most-once') overAll(member, stream, offset);
      }
    },
  };
}
