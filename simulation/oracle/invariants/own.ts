import { violated, type Rule } from '../rule.ts';
import { placesOf } from '../shadow/places.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';
import { partitionKey } from '../../../src/model/topicPartition.ts';

/** Fast records may be handed over so many at a time between two looks at the clock. */
const STRIDE = 64;

/** Nothing is delivered or committed for a partition that is not owned, nor delivered when the session is over by the member's own clock. */
export function own(): Rule {
  const sinceSuspended = new Map<string, number>();
  return {
    see(seen, member, at) {
      if (seen.kind === 'stream') {
        const key = partitionKey(seen.view.topic, seen.view.partition);
        if (!member.standing.owned.has(key)) violated('OWN', member, `a stream of ${key} began, which is not assigned`);
      }
      if (seen.kind === 'delivered') {
        const stream = member.streams.get(seen.stream);
        const [first = 0] = seen.offsets;
        if (stream !== undefined && !member.standing.owned.has(stream.key))
          violated('OWN', member, `${stream.key} delivered ${first}, and is not owned`);
        inSession(member, at, sinceSuspended);
      }
      if (seen.kind === 'request' && seen.api === 'OffsetCommit') committing(seen.request, member, at);
    },
  };
}

function inSession(member: MemberShadow, at: number, sinceSuspended: Map<string, number>): void {
  const { mode } = member.settings;
  const { stable, aliveAt } = member.standing;
  if (mode.kind !== 'group' || !stable || at < aliveAt + mode.sessionTimeout) {
    sinceSuspended.delete(member.name);
    return;
  }
  const count = (sinceSuspended.get(member.name) ?? 0) + 1;
  sinceSuspended.set(member.name, count);
  if (count > STRIDE) violated('OWN', member, `it delivers though it has not been heard of for its session of ${mode.sessionTimeout} ms`);
}

function committing(request: unknown, member: MemberShadow, at: number): void {
  const { mode } = member.settings;
  const { owned, releasing, generation, outsideSince, since, stable } = member.standing;
  // It is made when it is sent.
  const lately = at - Math.max(outsideSince, since) <= 0;
  const { generationIdOrMemberEpoch: under } = request as { readonly generationIdOrMemberEpoch: number };
  if (mode.kind === 'group' && stable && under !== generation && !lately)
    violated('OWN', member, `it commits in generation ${under}, and has been in ${generation} since ${since} ms`);
  for (const { topic, partition } of placesOf('OffsetCommit', request)) {
    const key = partitionKey(topic, partition);
    if (!owned.has(key) && !releasing.has(key) && !lately) violated('OWN', member, `it commits ${key}, which is not owned`);
  }
}
