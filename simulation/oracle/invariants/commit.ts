import { violated, type Rule } from '../rule.ts';
import { placesOf } from '../shadow/places.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';
import type { StreamShadow } from '../shadow/streamShadow.ts';

/**
 * What is committed is what may be: the lowest record that was delivered and not acked, else the position; never lowered within a position
 * epoch. A request may have waited for its connection, so it may be behind. At most once: committed before it is delivered.
 */
export function commit(): Rule {
  return {
    see(seen, member, at) {
      if (seen.kind === 'delivered' && member.settings.delivery === 'at-most-once') known(seen.stream, seen.offsets, member);
      if (seen.kind !== 'request' || seen.api !== 'OffsetCommit') return;
      for (const { topic, partition, offset } of placesOf('OffsetCommit', seen.request)) {
        const stream = member.streamOf(topic, partition);
        if (stream !== undefined && member.settings.delivery === 'at-least-once') atLeastOnce(offset, stream, member, at);
      }
    },
  };
}

function atLeastOnce(offset: number, stream: StreamShadow, member: MemberShadow, at: number): void {
  const { key, committable = -1, before, committed = -1, committedEpoch, positionEpoch } = stream;
  const { requestTimeout } = member.settings;
  if (before !== undefined && at - before.at <= requestTimeout && offset <= before.top) return;
  if (offset > committable) violated('COMMIT', member, `${key} commits ${offset}, and only ${committable} may be`);
  if (committedEpoch === positionEpoch && offset < committed)
    violated('COMMIT', member, `${key} commits ${offset} after ${committed}, and nobody changed the position`);
}

function known(epoch: number, offsets: readonly number[], member: MemberShadow): void {
  const stream = member.streams.get(epoch);
  const last = offsets.at(-1) ?? -1;
  if (stream === undefined) return;
  const { key, committed = -1 } = stream;
  if (committed <= last) violated('COMMIT', member, `${key} delivered ${last}, and only ${committed} was committed before`);
}
