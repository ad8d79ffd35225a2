import { violated, type Rule, type World } from '../rule.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';
import type { StreamShadow } from '../shadow/streamShadow.ts';

/** Milliseconds. */
const SLACK = 5;
/** A delivery that brings nothing new may be that far from the one before it, ms. */
const PACE = 100;

/** What may be owed to a partition. */
type Owed = 'position' | 'fetch' | 'delivery' | 'commit';

/**
 * Every assigned partition is fetching, delivering, or waiting for a reason with a bound.
 *
 * Whatever is owed is owed at once, but for the pause after a failure; a look that the consumer takes once a second, in case it has missed
 * something, comes too late. Where a neighbour on the same consumer has failed meanwhile, it is ISOLATE that does not hold.
 */
export function live(): Rule {
  return {
    look(member, at, world) {
      if (!member.live || member.stoppedAt !== undefined) return;
      for (const stream of member.streams.values()) {
        const { owed } = stream;
        if (stream.ended !== undefined || !member.standing.owned.has(stream.key)) {
          owed.clear();
          continue;
        }
        due('position', isLookedUp(stream, member), member.settings.backoff.initial, stream, member, at);
        due(
          'fetch',
          !stream.looks(at) && isHungry(stream, member),
          stream.askedOf === undefined ? member.grace : member.settings.backoff.initial,
          stream,
          member,
          at,
        );
        due('delivery', isWaiting(stream, member, at), 0, stream, member, at, () => hasRecords(stream, member, world));
        due('commit', isBehind(stream, member), commitLimit(member), stream, member, at);
      }
    },
  };
}

function due(
  what: Owed,
  isOwed: boolean,
  limit: number,
  stream: StreamShadow,
  member: MemberShadow,
  at: number,
  really: () => boolean = () => true,
): void {
  const { owed } = stream;
  if (!isOwed) {
    owed.delete(what);
    return;
  }
  const since = owed.get(what) ?? at;
  owed.set(what, since);
  const from = Math.max(since, calmFrom(stream, member), what === 'commit' ? stream.committedAt : -Infinity);
  if (at - from <= limit + SLACK || !really()) return;
  const isolated = [...member.streams.values()].some((other) => other !== stream && at - other.troubledAt < member.grace);
  const neighbour = isolated ? ', while a neighbour has failed' : '';
  violated(isolated ? 'ISOLATE' : 'LIVE', member, `${stream.key} ${words[what]} for ${at - from} ms, and nothing is under way${neighbour}`);
}

const words: Readonly<Record<Owed, string>> = {
  position: 'has had no position',
  fetch: 'has room and was not asked for',
  delivery: 'has records and a subscriber, and has delivered nothing',
  commit: 'has had something to commit',
};

/** From then on nothing is to be waited for any more: back-off, a poll that was under way for a neighbour, a blocked event loop. */
function calmFrom(stream: StreamShadow, member: MemberShadow): number {
  const { fetch } = member.settings;
  return Math.max(
    member.troubledAt + member.grace,
    stream.troubledAt + member.grace,
    member.cluster.at + fetch.maxWait + SLACK,
    member.freeAt() + SLACK,
  );
}

function isLookedUp({ view }: StreamShadow, member: MemberShadow): boolean {
  if (view.position !== undefined || typeof member.settings.startFrom === 'function') return false;
  return !['OffsetFetch', 'ListOffsets', 'FindCoordinator', 'Metadata'].some((api) => member.waits(api)) && !member.connections.opening;
}

function isHungry(stream: StreamShadow, member: MemberShadow): boolean {
  const { attached, view, expected, heldBytes, positionEpoch, askedOf, near, doomed } = stream;
  if (!attached || doomed || view.position === undefined || expected === undefined || member.settings.stopAt !== undefined) return false;
  let attended = 0;
  for (const each of member.streams.values()) if (each.attached) attended++;
  stream.settle();
  if (heldBytes > 0 && (heldBytes >= member.settings.maxBuffered / attended / 4 || isFull(member))) return false;
  for (const { api, asked, broker } of member.requests.values()) {
    if (api === 'Metadata' || api === 'OffsetForLeaderEpoch') return false;
    const isItsBroker = broker === askedOf || broker === near || broker === member.cluster.leaders.get(stream.key);
    if (api === 'Fetch' && (isItsBroker || asked.get(stream) === positionEpoch)) return false;
  }
  return !member.connections.opening;
}

/** All together hold what they may, also those that nobody is subscribed to: then nobody who holds something is asked for more. */
function isFull({ streams, standing, settings }: MemberShadow): boolean {
  let held = 0;
  for (const stream of streams.values()) {
    if (!standing.owned.has(stream.key)) continue;
    stream.settle();
    held += stream.heldBytes;
  }
  return held >= settings.maxBuffered;
}

function isWaiting(stream: StreamShadow, member: MemberShadow, at: number): boolean {
  const { attached, pauses, view, receivedEnd, subscribedAt, inWindow, windowBytes, inBatches } = stream;
  if (!attached || pauses > 0 || view.position === undefined || receivedEnd === undefined || receivedEnd <= view.position) return false;
  if (at - subscribedAt <= PACE + SLACK || stream.isUnproven || member.waits('OffsetForLeaderEpoch')) return false;
  const { mode, window, delivery } = member.settings;
  const { standing } = member;
  if (
    mode.kind === 'group' &&
    ((standing.rebalanceAt !== undefined && !standing.cooperative) || at >= standing.aliveAt + mode.sessionTimeout)
  )
    return false;
  if (delivery === 'at-most-once' && (member.waits('OffsetCommit') || member.waits('FindCoordinator') || member.connections.opening))
    return false;
  if (inWindow.size === 0) return true;
  return !inBatches && inWindow.size < window.records && windowBytes * 2 + 1_000 < window.bytes;
}

function hasRecords({ view, receivedEnd = 0 }: StreamShadow, { settings }: MemberShadow, { truth }: World): boolean {
  return truth.deliverable(view.topic, view.partition, view.position ?? receivedEnd, receivedEnd, settings.isolationLevel) !== undefined;
}

function isBehind({ committable, committed, committedEpoch, positionEpoch }: StreamShadow, member: MemberShadow): boolean {
  const { mode, commit, delivery } = member.settings;
  if (mode.groupId === undefined || commit === false || delivery === 'at-most-once') return false;
  if (mode.kind === 'group' && !member.standing.stable) return false;
  if (member.waits('OffsetCommit') || member.waits('FindCoordinator') || member.connections.opening) return false;
  return committable !== undefined && (committable !== committed || committedEpoch !== positionEpoch);
}

/** Acks that came out of order wait for one before them, which nobody announces: it is looked again after the interval. */
function commitLimit({ settings: { commit } }: MemberShadow): number {
  return commit === false ? Infinity : 2 * commit.interval + 1_000;
}
