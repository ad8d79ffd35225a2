import { violated, type Rule } from '../rule.ts';
import { partitionKey } from '../../../src/model/topicPartition.ts';
import type { FetchPartition, FetchRequest } from '../../../src/protocol/apis/fetch.ts';
import { isSurelyKept } from './kept.ts';
import { placesOf } from '../shadow/places.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';
import type { Seen } from '../seen.ts';
import type { Truth } from '../truth.ts';

/** What one broker has been told, and has answered. */
interface Session {
  /** What it was told last of each partition. */
  told: ReadonlyMap<string, FetchPartition>;
  /** What the next request may say of the session; undefined: nothing, it has to open one. */
  next: { readonly id: number; readonly epoch: number } | undefined;
  /** The request that is under way, and what its answer has said so far: 0 there is no session. */
  underWay: { readonly id: number; readonly epoch: number; answered: number } | undefined;
}

const HIGHEST_EPOCH = 0x7fffffff;

/**
 * What a broker fetches by a session (KIP-227) is what its consumer wants now: of partitions that are its own and read, and of none that is paused and full. A request
 * says no more than what has changed; and a session goes on only after a whole answer.
 */
export function session(): Rule {
  const all = new Map<MemberShadow, Map<string, Session>>();
  const of = (member: MemberShadow, broker: string): Session => {
    const sessions = all.get(member) ?? new Map<string, Session>();
    all.set(member, sessions);
    const known = sessions.get(broker) ?? { told: new Map(), next: undefined, underWay: undefined };
    sessions.set(broker, known);
    return known;
  };
  return {
    see(seen, member, at, { truth }) {
      if (seen.kind === 'request' && seen.api === 'Fetch' && seen.said !== undefined) {
        const known = of(member, seen.broker);
        const said = seen.said as FetchRequest;
        if (said.sessionEpoch > 0) goesOn(said, known, seen.broker, member);
        if (!member.connections.hasJustOpened(seen.broker, at))
          for (const place of placesOf('Fetch', seen.request)) wanted(place, member, at, truth);
        known.told = partitionsOf(seen.request as FetchRequest);
        known.next = undefined;
        known.underWay = { id: seen.id, epoch: said.sessionEpoch, answered: 0 };
      }
      if (seen.kind === 'part') answers(seen, of(member, seen.broker));
    },
  };
}

function answers({ id, part }: Seen & { readonly kind: 'part' }, known: Session): void {
  const { underWay } = known;
  if (underWay?.id !== id) return;
  if (part.kind === 'head') underWay.answered = part.errorCode === 0 ? part.sessionId : 0;
  if (part.kind !== 'end' || underWay.answered === 0) return;
  known.next = { id: underWay.answered, epoch: underWay.epoch === HIGHEST_EPOCH ? 1 : underWay.epoch + 1 };
}

function goesOn(said: FetchRequest, { told, next }: Session, broker: string, member: MemberShadow): void {
  const { sessionId, sessionEpoch, topics, forgottenTopicsData } = said;
  if (next === undefined)
    violated('SESSION', member, `it goes on with session ${sessionId} of ${broker}, though its last answer has not come, or named none`);
  if (sessionId !== next.id || sessionEpoch !== next.epoch)
    violated(
      'SESSION',
      member,
      `it goes on with session ${sessionId} of ${broker} at ${sessionEpoch}, and ${next.id} at ${next.epoch} is to come`,
    );
  const listed = partitionsOf(said);
  const again = [...listed].filter(([key, partition]) => isSame(partition, told.get(key)));
  // Whether a request goes by names is seen by what it lists: so it says something.
  const isMute = listed.size === 1 && forgottenTopicsData.length === 0 && topics.every(({ topicId }) => /^0*$/.test(topicId));
  if (again.length > 0 && !isMute)
    violated('SESSION', member, `${again.map(([key]) => key).join(', ')} is said to ${broker} again, and nothing of it has changed`);
  for (const { topic, partitions } of forgottenTopicsData)
    for (const partition of partitions)
      if (!told.has(partitionKey(topic, partition)))
        violated('SESSION', member, `${broker} is to forget ${partitionKey(topic, partition)}, which it was not told`);
}

function wanted(
  { topic, partition }: { readonly topic: string; readonly partition: number },
  member: MemberShadow,
  at: number,
  truth: Truth,
): void {
  const key = partitionKey(topic, partition);
  const stream = member.streamOf(topic, partition);
  const wrong = (why: string): never => violated('SESSION', member, `${key} is asked for, and ${why}`);
  if (stream === undefined) return wrong('there is no stream of it');
  const { owned, outsideSince, since } = member.standing;
  // What it gives up, it gives up one after another.
  if (at <= Math.max(outsideSince, since)) return;
  if (!owned.has(key)) wrong('it is not its own any more');
  if (stream.ended !== undefined) wrong(`its stream has ${stream.ended}`);
  if (!stream.attached) wrong('nobody reads it');
  if (stream.pauses === 0 || stream.pausedAt === at) return;
  stream.settle();
  let attended = 0;
  for (const { attached } of member.streams.values()) if (attached) attended++;
  const slice = member.settings.maxBuffered / Math.max(1, attended);
  if (stream.surelyHeld < slice) return;
  const held = stream.received.reduce(
    (sum, batch) => sum - (isSurelyKept(stream, batch, member, truth) ? 0 : batch.bytes),
    stream.surelyHeld,
  );
  if (held >= slice) wrong(`it is paused and holds ${String(held)} bytes of ${String(slice)}`);
}

function partitionsOf({ topics }: FetchRequest): ReadonlyMap<string, FetchPartition> {
  return new Map(
    topics.flatMap(({ topic, topicId, partitions }) =>
      partitions.map((partition) => [partitionKey(topic, partition.partition), { ...partition, topicId }] as const),
    ),
  );
}

function isSame(a: FetchPartition, b: FetchPartition | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
