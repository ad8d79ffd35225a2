import { violated, type Rule } from '../rule.ts';
import type { FetchPart } from '../../../src/protocol/fetchParts.ts';
import { placesOf } from '../shadow/places.ts';
import type { MemberShadow, Sent } from '../shadow/memberShadow.ts';
import type { StreamShadow } from '../shadow/streamShadow.ts';
import type { Seen } from '../seen.ts';

/** Milliseconds. */
const SLACK = 5;

/** A follower that the leader has named, and until when it may be read: ms. */
interface Named {
  readonly broker: string | undefined;
  readonly until: number;
}

/** Records are asked of their leader, or of the follower that it has named, until the lease is over or anything is wrong there (KIP-392). */
export function replica(): Rule {
  const named = new Map<StreamShadow, Named>();
  return {
    see(seen, member, at) {
      if (seen.kind === 'request' && seen.api === 'Fetch') asks(seen, member, named, at);
      if (seen.kind === 'part') hears(seen.part, member.requests.get(seen.id), member, named, at);
      if (seen.kind === 'failed' && seen.api === 'Fetch' && seen.error !== undefined)
        for (const stream of member.requests.get(seen.id)?.asked.keys() ?? [])
          if (named.get(stream)?.broker === seen.broker) named.delete(stream);
    },
  };
}

function asks(
  { broker, request }: Seen & { readonly kind: 'request' },
  member: MemberShadow,
  named: ReadonlyMap<StreamShadow, Named>,
  at: number,
): void {
  const { cluster, connections } = member;
  // It was decided before.
  if (connections.hasJustOpened(broker, at)) return;
  for (const { topic, partition } of placesOf('Fetch', request)) {
    const stream = member.streamOf(topic, partition);
    if (stream === undefined || !cluster.leaders.has(stream.key) || cluster.isLeader(stream.key, broker)) continue;
    const follower = named.get(stream);
    if (follower?.broker !== broker)
      violated('META', member, `${stream.key} is asked of ${broker}, which neither leads nor was named, or has failed since`);
    if (at > follower.until + SLACK) violated('META', member, `${stream.key} is asked of ${broker}, and its lease is over`);
  }
}

function hears(part: FetchPart, sent: Sent | undefined, member: MemberShadow, named: Map<StreamShadow, Named>, at: number): void {
  if (sent === undefined) return;
  const gone = (stream: StreamShadow | undefined): void => {
    // What was asked before it began, or before its position was changed, says nothing of it.
    const counts = stream !== undefined && sent.asked.get(stream) === stream.positionEpoch;
    if (counts && named.get(stream)?.broker === sent.broker) named.delete(stream);
  };
  if (part.kind === 'head' && part.errorCode !== 0) for (const stream of sent.asked.keys()) gone(stream);
  if (part.kind === 'corrupt' || (part.kind === 'batch' && !part.batch.crcIsGood())) gone(member.streamOf(part.topic, part.partition));
  if (part.kind !== 'partition') return;
  const { topic, partitionIndex, errorCode, preferredReadReplica, divergingEpoch } = part.header;
  const stream = member.streamOf(topic, partitionIndex);
  if (errorCode !== 0 || divergingEpoch.endOffset >= 0) gone(stream);
  else if (stream !== undefined && preferredReadReplica >= 0)
    named.set(stream, { broker: member.cluster.addressOf(preferredReadReplica), until: at + member.settings.metadataMaxAge });
}
