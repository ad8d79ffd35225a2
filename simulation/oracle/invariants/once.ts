import { violated, type Rule } from '../rule.ts';
import { partitionKey } from '../../../src/model/topicPartition.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';
import type { StreamShadow } from '../shadow/streamShadow.ts';

/** No offset twice within one assignment, position epoch and delivery; at most once: over all deliveries and owners, unless the user went back. */
export function once(): Rule {
  /** Records by the epoch in which they were written as well: what lies at an offset after the log was cut is another one. */
  const ofGroups = new Map<string, Set<string>>();

  const overAll = (member: MemberShadow, stream: StreamShadow, offset: number, epoch: number): void => {
    const { settings } = member;
    const place = `${settings.mode.groupId ?? member.name} ${stream.key}`;
    const record = `${stream.topicId ?? ''} ${String(epoch)}/${String(offset)}`;
    const delivered = ofGroups.get(place) ?? new Set<string>();
    ofGroups.set(place, delivered);
    if (delivered.has(record)) violated('ONCE', member, `${stream.key} delivered ${offset} a second time, at most once`);
    delivered.add(record);
  };

  return {
    see(seen, member) {
      if (
        seen.kind === 'event' &&
        seen.event.kind === 'positioned' &&
        seen.event.reason === 'reset' &&
        (seen.event.from ?? -1) > seen.event.to
      ) {
        // By policy, and told.
        const { topic, partition } = seen.event;
        ofGroups.delete(`${member.settings.mode.groupId ?? member.name} ${partitionKey(topic, partition)}`);
      }
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
        if (member.settings.delivery === 'at-most-once') overAll(member, stream, offset, seen.leaderEpoch ?? -1);
      }
    },
  };
}
