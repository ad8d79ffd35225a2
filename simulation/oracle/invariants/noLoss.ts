import { violated, type Rule, type World } from '../rule.ts';
import { partitionKey, type TopicPartition } from '../../../src/model/topicPartition.ts';
import type { ConsumerEvent } from '../../../src/model/events.ts';
import type { OffsetCommitRequest } from '../../../src/protocol/apis/offsetCommit.ts';
import { Violation } from '../violation.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';
import type { StreamShadow } from '../shadow/streamShadow.ts';
import type { Truth } from '../truth.ts';
import { Ledger } from './ledger.ts';

/** A log that was cut, as the so many-th thing that happened. */
interface Cut {
  readonly place: string;
  readonly end: number;
  readonly after: number;
}

type Positioned = ConsumerEvent & { readonly kind: 'positioned' };

/**
 * Nothing is left out: while it is delivered nothing that is to be delivered is passed over in silence, and at quiet time every record below
 * the committed offset was acked by an owner, or lies in a stretch that a `positioned` event passed over.
 */
export function noLoss(): Rule {
  const ledger = new Ledger();
  const cuts: Cut[] = [];
  const untold = new Untold();
  /** When each last asked for a place in a log, counted as `count`. */
  const asked = new WeakMap<MemberShadow, number>();
  let count = 0;
  return {
    see(seen, member, _at, { truth }) {
      count++;
      if (seen.kind === 'request' && seen.api === 'ListOffsets') asked.set(member, count);
      if (seen.kind === 'event' && seen.event.kind === 'positioned') {
        const stream = member.streamOf(seen.event.topic, seen.event.partition);
        if (stream !== undefined) passesOver(seen.event, stream, member, ledger, placeOf(member, stream, truth));
        if (stream !== undefined) untold.told(seen.event, ledger, placeOf(member, stream, truth));
        if (stream !== undefined && isLookedUp(seen.event)) {
          const here = placeOf(member, stream, truth);
          const { from = -1, to } = seen.event;
          // The place was told of a log that was cut since; or somebody goes back, to a place in the new one.
          for (const { place, end, after } of cuts)
            if (place === here && (after > (asked.get(member) ?? 0) || from > to)) ledger.pass(place, { from: end, to });
        }
      }
      if (seen.kind === 'part' && seen.part.kind === 'partition') {
        const { topic, partitionIndex, divergingEpoch } = seen.part.header;
        const stream = member.streamOf(topic, partitionIndex);
        if (stream !== undefined && divergingEpoch.endOffset >= 0) ledger.parted.set(stream, divergingEpoch.endOffset);
      }
      if (seen.kind !== 'acked' && seen.kind !== 'delivered' && seen.kind !== 'seek') return;
      const stream = member.streams.get(seen.stream);
      if (stream === undefined) return;
      const place = placeOf(member, stream, truth);
      if (seen.kind === 'seek') {
        // One that was followed by another before its place was found is told of by the last.
        ledger.left.set(place, Math.min(ledger.left.get(place) ?? Infinity, stream.lowest ?? Infinity));
      } else if (seen.kind === 'delivered') {
        ledger.wrote(stream, seen.offsets, seen.leaderEpoch);
        noGap(member, stream, seen.offsets, seen.leaderEpoch, truth);
      } else if (seen.positionEpoch === stream.positionEpoch) ledger.ack(place, stream, seen.offset);
    },
    cut(log, { members, truth }) {
      for (const member of members.values()) {
        const stream = member.streamOf(log.topic, log.partition);
        const place = `${member.settings.mode.groupId ?? ''} ${partitionKey(log.topic, log.partition)} ${truth.topicId(log.topic) ?? ''}`;
        cuts.push({ place, end: log.end, after: count });
        untold.cut(
          place,
          log,
          Math.max(
            stream?.view.position ?? stream?.expected ?? stream?.before?.top ?? -1,
            stream?.receivedEnd ?? -1,
            committedOf(member, log, truth),
          ),
        );
        for (const to of unknownTo(log, member, stream, truth)) ledger.pass(place, { from: log.end, to });
      }
    },
    quiet({ members, truth }) {
      for (const [group, { settings }] of groupsOf(members)) {
        if (settings.delivery === 'at-most-once') continue;
        for (const { topic, partition } of truth.partitions()) {
          const place = `${group} ${partitionKey(topic, partition)} ${truth.topicId(topic) ?? ''}`;
          const committed = truth.committed(group, topic, partition) ?? 0;
          for (const offset of truth.deliverables(topic, partition, committed, settings.isolationLevel))
            if (!ledger.isAccountedFor(place, offset, truth.epochAt(topic, partition, offset)))
              throw new Violation(
                'NOLOSS',
                `${group} has committed past ${offset} of ${partitionKey(topic, partition)}, which nobody has acked`,
              );
        }
      }
    },
  };
}

function committedOf({ settings }: MemberShadow, { topic, partition }: TopicPartition, truth: Truth): number {
  const { groupId } = settings.mode;
  return groupId === undefined ? -1 : (truth.committed(groupId, topic, partition) ?? -1);
}

/** Logs that were cut below what was read of them, by place, until somebody is told: a user who goes elsewhere before that leaves what the new log has there as well. */
class Untold {
  private readonly stretches = new Map<string, { readonly from: number; readonly to: number }>();

  cut(place: string, { end }: { readonly end: number }, read: number): void {
    const { from = Infinity, to = -1 } = this.stretches.get(place) ?? {};
    if (read > end) this.stretches.set(place, { from: Math.min(from, end), to: Math.max(to, read) });
  }

  told({ reason, to }: Positioned, ledger: Ledger, place: string): void {
    const stretch = this.stretches.get(place);
    if (stretch === undefined || reason === 'committed' || reason === 'start') return;
    this.stretches.delete(place);
    if (reason === 'seek') ledger.pass(place, { from: stretch.from, to: Math.min(stretch.to, to) });
  }
}

/** Who reads of the topic that had that id. */
function placeOf({ settings }: MemberShadow, { key, topicId, view }: StreamShadow, truth: Truth): string {
  return `${settings.mode.groupId ?? ''} ${key} ${topicId ?? truth.topicId(view.topic) ?? ''}`;
}

function isLookedUp({ reason }: Positioned): boolean {
  return reason !== 'truncated' && reason !== 'committed';
}

function passesOver({ from = 0, to, reason }: Positioned, stream: StreamShadow, member: MemberShadow, ledger: Ledger, place: string): void {
  const lowest = reason === 'seek' ? Math.min(from, ledger.left.get(place) ?? from) : from;
  if (reason === 'seek') ledger.left.delete(place);
  if (reason === 'committed') return;
  // Behind what was cut, by policy: the new log is passed over from where it parts from the one that was read.
  const isOfPolicy = member.settings.autoOffsetReset === 'latest' && (reason === 'truncated' || reason === 'reset');
  ledger.pass(place, { from: isOfPolicy ? Math.min(lowest, reason === 'reset' ? 0 : (ledger.parted.get(stream) ?? 0)) : lowest, to });
}

/**
 * Positions of which nobody can know that they are of a log that was cut: nothing was read there yet, or they are committed without the epoch of the record before
 * them. Where the new log has come so far they go on in it.
 */
function unknownTo(
  { topic, partition }: { readonly topic: string; readonly partition: number },
  { settings, requests }: MemberShadow,
  stream: StreamShadow | undefined,
  truth: Truth,
): readonly number[] {
  const { groupId } = settings.mode;
  const read = stream !== undefined && !stream.isAnchored ? [stream.view.position ?? stream.expected ?? -1] : [];
  if (groupId === undefined) return read;
  const committed = truth.committedEpoch(groupId, topic, partition) < 0 ? [truth.committed(groupId, topic, partition) ?? -1] : [];
  const underWay = [...requests.values()]
    .flatMap(({ api, request }) => (api === 'OffsetCommit' ? (request as OffsetCommitRequest).topics : []))
    .flatMap(({ name, partitions }) => partitions.filter(({ partitionIndex }) => name === topic && partitionIndex === partition))
    .filter(({ committedLeaderEpoch }) => committedLeaderEpoch < 0)
    .map(({ committedOffset }) => committedOffset);
  return [...read, ...committed, ...underWay];
}

function noGap(
  member: MemberShadow,
  stream: StreamShadow,
  offsets: readonly number[],
  epoch: number | undefined,
  truth: World['truth'],
): void {
  const { topic, partition } = stream.view;
  let { expected } = stream;
  // What was read of a topic that is gone says nothing of the one that has its name now.
  if (stream.topicId !== undefined && stream.topicId !== truth.topicId(topic)) return;
  for (const offset of offsets) {
    // One of a log that was lost, which nobody knows yet: what lies before it now was written later.
    if (epoch !== undefined && truth.epochAt(topic, partition, offset) !== epoch) return;
    while (expected !== undefined && expected < offset) {
      const skipped = truth.deliverable(topic, partition, expected, offset, member.settings.isolationLevel);
      if (skipped === undefined) break;
      // Delivered before and acked: not again.
      if (skipped >= stream.high || stream.outstanding.has(skipped))
        violated('NOLOSS', member, `${stream.key} delivered ${offset} and left out ${skipped}`);
      expected = skipped + 1;
    }
    expected = offset + 1;
  }
}

function groupsOf(members: World['members']): ReadonlyMap<string, MemberShadow> {
  const groups = new Map<string, MemberShadow>();
  for (const member of members.values()) {
    const { groupId } = member.settings.mode;
    if (groupId !== undefined) groups.set(groupId, member);
  }
  return groups;
}
