import { violated, type Rule } from '../rule.ts';
import { kafkaErrorOf } from '../../../src/errors/table.ts';
import type { Seen } from '../seen.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';
import { refusalsOf } from '../shadow/codes.ts';

const ofGroup = new Set(['JoinGroup', 'SyncGroup', 'Heartbeat', 'LeaveGroup', 'OffsetCommit', 'OffsetFetch']);
/** One for each request that was under way, and one for each connection. */
const REFUSED = 6;

interface Beliefs {
  /** Since when metadata is known to be wrong, ms; undefined: it is not. */
  wrongSince: number | undefined;
  /** Requests that a broker refused since the coordinator was last looked up. */
  readonly refused: Map<string, number>;
}

/** A failure of a leader or coordinator invalidates the fact that led there: it is asked for again, within the back-off. */
export function meta(): Rule {
  const beliefs = new Map<MemberShadow, Beliefs>();
  const of = (member: MemberShadow): Beliefs => {
    const known = beliefs.get(member) ?? { wrongSince: undefined, refused: new Map() };
    beliefs.set(member, known);
    return known;
  };
  return {
    see(seen, member, at) {
      const known = of(member);
      if (seen.kind === 'part' && proves(seen, member)) known.wrongSince ??= at;
      if (seen.kind === 'request' && seen.api === 'Metadata') known.wrongSince = undefined;
      if (seen.kind !== 'answer') return;
      if (seen.api === 'FindCoordinator') known.refused.clear();
      const names = refusalsOf(seen.api, seen.response).map(({ name }) => name);
      if (!ofGroup.has(seen.api) || !names.includes('NOT_COORDINATOR')) return;
      const count = (known.refused.get(seen.broker) ?? 0) + 1;
      known.refused.set(seen.broker, count);
      if (count > REFUSED)
        violated('META', member, `${seen.broker} has said ${count} times that it is not the coordinator, and no other was looked for`);
    },
    look(member, at) {
      const { wrongSince } = of(member);
      if (wrongSince === undefined || !member.live || member.stoppedAt !== undefined) return;
      // Asking waits for what is asked already, and for brokers that are away.
      const waited = at - Math.max(wrongSince, member.freeAt());
      const limit = 2 * member.grace + 4 * member.settings.requestTimeout;
      if (waited > limit) violated('META', member, `metadata proved wrong ${waited} ms ago, and was not asked for since`);
    },
  };
}

/** An answer to a question that is still asked says that who leads is another one. */
function proves({ id, part }: Seen & { readonly kind: 'part' }, member: MemberShadow): boolean {
  if (part.kind !== 'partition' || kafkaErrorOf(part.header.errorCode).invalidates !== 'metadata') return false;
  const sent = member.requests.get(id);
  const stream = member.streamOf(part.header.topic, part.header.partitionIndex);
  if (
    sent === undefined ||
    stream === undefined ||
    sent.hasWaited ||
    member.cluster.at >= sent.at ||
    !member.standing.owned.has(stream.key)
  )
    return false;
  // It is asked for already, later than this was: what is told then is younger than what led there.
  for (const { api, id: later } of member.requests.values()) if (api === 'Metadata' && later > id) return false;
  return stream.ended === undefined && sent.asked.get(stream) === stream.positionEpoch;
}
