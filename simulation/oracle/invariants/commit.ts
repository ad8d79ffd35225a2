import { violated, type Rule, type World } from '../rule.ts';
import { placesOf } from '../shadow/places.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';
import type { StreamShadow } from '../shadow/streamShadow.ts';
import type { Seen } from '../seen.ts';
import { refusalsOf } from '../shadow/codes.ts';

/** Milliseconds. */
const SLACK = 5;
/** What a consumer keeps of the time of a rebalance for its last commit and its join, ms. */
const HAND_OVER_MARGIN = 2_000;

/**
 * What is committed is what may be: the lowest record that was delivered and not acked, else the position; never lowered within a position
 * epoch. A request may have waited for its connection, so it may be behind. At most once: committed before it is delivered, and taken back where it
 * was not delivered.
 */
export function commit(): Rule {
  /** What was last sent for each stream. */
  const sent = new Map<StreamShadow, number>();
  /** Of those that are handed over: when a rebalance cannot have begun yet, ms. Their time runs from then. */
  const calm = new Map<StreamShadow, number>();
  return {
    see(seen, member, at, world) {
      const isAtMostOnce = member.settings.delivery === 'at-most-once';
      if (seen.kind === 'delivered' && isAtMostOnce) known(seen.stream, seen.offsets, member);
      if (seen.kind === 'completed') {
        const stream = member.streams.get(seen.stream);
        if (stream !== undefined) calm.set(stream, member.standing.calmAt);
      }
      if (seen.kind === 'answer' && seen.api === 'OffsetCommit') ofAnotherTopic(seen, member, world);
      if (seen.kind !== 'request') return;
      if (!isAtMostOnce && (seen.api === 'JoinGroup' || seen.api === 'LeaveGroup'))
        broughtHome({ sent, calm, given: givenAway(seen.api, member) }, member, at, world);
      if (isAtMostOnce && (seen.api === 'JoinGroup' || seen.api === 'LeaveGroup'))
        takenBack({ sent, calm, given: givenAway(seen.api, member) }, member, at, world);
      for (const { topic, partition, offset } of seen.api === 'OffsetCommit' ? placesOf('OffsetCommit', seen.request) : []) {
        const stream = member.streamOf(topic, partition);
        if (stream === undefined) continue;
        sent.set(stream, offset);
        if (!isAtMostOnce) atLeastOnce(offset, stream, member, at);
      }
    },
  };
}

/** Nothing that was read of a topic is committed for another one that has its name now. */
function ofAnotherTopic({ id, response }: Seen & { readonly kind: 'answer' }, member: MemberShadow, { truth }: World): void {
  const { groupId } = member.settings.mode;
  const sent = member.requests.get(id);
  if (groupId === undefined || sent === undefined || !truth.commitsById) return;
  const refused = refusalsOf('OffsetCommit', response);
  for (const { topic, partition, offset } of placesOf('OffsetCommit', sent.request)) {
    const stream = [...sent.asked.keys()].find(({ view }) => view.topic === topic && view.partition === partition);
    if (
      stream?.topicId === undefined ||
      stream.topicId === truth.topicId(topic) ||
      refused.some(({ key }) => key === undefined || key === stream.key)
    )
      continue;
    if (truth.committed(groupId, topic, partition) === offset)
      violated('COMMIT', member, `${stream.key} commits ${offset} of a topic that is gone for another one of its name`);
  }
}

interface HandedOver {
  readonly sent: ReadonlyMap<StreamShadow, number>;
  readonly calm: ReadonlyMap<StreamShadow, number>;
  /** Keys of partitions that are not its own after this request. */
  readonly given: ReadonlySet<string>;
}

/** Who joins keeps what is its own, if it is cooperative. */
function givenAway(api: string, { standing }: MemberShadow): ReadonlySet<string> {
  return standing.cooperative && api === 'JoinGroup' ? standing.releasing : new Set([...standing.owned, ...standing.releasing]);
}

/**
 * Who gives its partitions away at most once goes back to the position: what was committed for records that it has not delivered would be read by
 * nobody. It tries for as long as there is time.
 */
function takenBack({ sent, calm, given }: HandedOver, member: MemberShadow, at: number, { truth }: World): void {
  const { standing, settings } = member;
  if (settings.mode.kind !== 'group' || !standing.stable) return;
  const { groupId, rebalanceTimeout } = settings.mode;
  const time = rebalanceTimeout - Math.max(HAND_OVER_MARGIN, rebalanceTimeout / 10);
  if (at - Math.min(member.stoppedAt ?? Infinity, member.endedAt) >= settings.closeTimeout - SLACK) return;
  for (const stream of member.streams.values()) {
    const { key, view } = stream;
    const last = sent.get(stream) ?? -1;
    if (view.position === undefined || last <= view.position || !given.has(key)) continue;
    if (at - (calm.get(stream) ?? Infinity) >= time - SLACK) continue;
    if (truth.committed(groupId, view.topic, view.partition) === last)
      violated('COMMIT', member, `${key} is given away at ${String(view.position)}, and ${String(last)} stays committed`);
  }
}

/** Who gives its partitions away at least once has committed what was acked, as far as there was time. */
function broughtHome({ calm, given }: HandedOver, member: MemberShadow, at: number, { truth }: World): void {
  const { standing, settings } = member;
  if (settings.mode.kind !== 'group' || settings.commit === false || !standing.stable) return;
  const { groupId, rebalanceTimeout } = settings.mode;
  const time = rebalanceTimeout - Math.max(HAND_OVER_MARGIN, rebalanceTimeout / 10);
  if (at - Math.min(member.stoppedAt ?? Infinity, member.endedAt) >= settings.closeTimeout - SLACK) return;
  for (const stream of member.streams.values()) {
    const { key, view, committable = -1 } = stream;
    if (!given.has(key) || committable < 0 || at - (calm.get(stream) ?? Infinity) >= time - SLACK) continue;
    // Its topic is gone, whoever knows it: another one has its name.
    if (stream.topicId !== undefined && stream.topicId !== truth.topicId(view.topic)) continue;
    const committed = truth.committed(groupId, view.topic, view.partition);
    // Refused for good; or its topic was deleted, and what was committed with it.
    if (at - stream.troubledAt < member.grace || (committed === undefined && stream.committed !== undefined)) continue;
    if ((committed ?? -1) < committable)
      violated('COMMIT', member, `${key} is given away, and only ${String(committed)} of ${String(committable)} is committed`);
  }
}

function atLeastOnce(offset: number, stream: StreamShadow, member: MemberShadow, at: number): void {
  const { key, before, committed = -1, committedEpoch, positionEpoch, expected = -1 } = stream;
  // It has given its position up at this very moment: what was to be committed before is on its way.
  const committable = stream.committable ?? Math.max(stream.high, expected);
  const { requestTimeout } = member.settings;
  if (before !== undefined && at - before.at <= requestTimeout && offset <= before.top) return;
  if (offset > committable) violated('COMMIT', member, `${key} commits ${offset}, and only ${committable} may be`);
  // A log that was cut: committed anew the moment before it is told, as is seen then.
  if (committedEpoch === positionEpoch && offset < committed && !(stream.isBack && offset === stream.view.position))
    violated('COMMIT', member, `${key} commits ${offset} after ${committed}, and nobody changed the position`);
}

function known(epoch: number, offsets: readonly number[], member: MemberShadow): void {
  const stream = member.streams.get(epoch);
  const last = offsets.at(-1) ?? -1;
  if (stream === undefined) return;
  const { key, committed = -1 } = stream;
  if (committed <= last) violated('COMMIT', member, `${key} delivered ${last}, and only ${committed} was committed before`);
}
