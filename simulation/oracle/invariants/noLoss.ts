import { violated, type Rule, type World } from '../rule.ts';
import { partitionKey } from '../../../src/model/topicPartition.ts';
import { Violation } from '../violation.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';
import type { StreamShadow } from '../shadow/streamShadow.ts';

/** Offsets that were passed over by a change of position that was told. */
interface Passed {
  readonly from: number;
  readonly to: number;
}

/**
 * Nothing is left out: while it is delivered nothing that is to be delivered is passed over in silence, and at quiet time every record below
 * the committed offset was acked by an owner, or lies in a stretch that a `positioned` event passed over.
 */
export function noLoss(): Rule {
  const acked = new Map<string, Set<number>>();
  const passed = new Map<string, Passed[]>();
  /** What was delivered and not acked when the user went elsewhere: passed over as well. */
  const left = new Map<string, number>();
  const placeOf = ({ settings }: MemberShadow, key: string): string | undefined =>
    settings.mode.groupId === undefined ? undefined : `${settings.mode.groupId} ${key}`;

  return {
    see(seen, member, _at, { truth }) {
      if (seen.kind === 'event' && seen.event.kind === 'positioned') {
        const { topic, partition, from = 0, to, reason } = seen.event;
        const place = placeOf(member, partitionKey(topic, partition));
        const lowest = reason === 'seek' ? Math.min(from, left.get(place ?? '') ?? from) : from;
        if (place !== undefined && to > lowest && reason !== 'committed') listed(passed, place).push({ from: lowest, to });
        if (reason === 'seek') left.delete(place ?? '');
      }
      if (seen.kind !== 'acked' && seen.kind !== 'delivered' && seen.kind !== 'seek') return;
      const stream = member.streams.get(seen.stream);
      if (stream === undefined) return;
      if (seen.kind === 'seek') {
        const place = placeOf(member, stream.key) ?? '';
        // One that was followed by another before its place was found is told of by the last.
        left.set(place, Math.min(left.get(place) ?? Infinity, stream.lowest ?? Infinity));
        return;
      }
      if (seen.kind === 'delivered') {
        noGap(member, stream, seen.offsets, truth);
        return;
      }
      const place = placeOf(member, stream.key);
      if (place === undefined || seen.positionEpoch !== stream.positionEpoch) return;
      const known = acked.get(place) ?? new Set();
      acked.set(place, known.add(seen.offset));
    },
    quiet(world) {
      for (const [group, member] of groupsOf(world)) {
        const { delivery, isolationLevel } = member.settings;
        if (delivery === 'at-most-once') continue;
        for (const { topic, partition } of world.truth.partitions()) {
          const key = partitionKey(topic, partition);
          const missing = firstMissing(
            world,
            group,
            { topic, partition },
            acked.get(`${group} ${key}`),
            passed.get(`${group} ${key}`),
            isolationLevel,
          );
          if (missing !== undefined)
            throw new Violation('NOLOSS', `${group} has committed past ${missing} of ${key}, which nobody has acked`);
        }
      }
    },
  };
}

function noGap(member: MemberShadow, stream: StreamShadow, offsets: readonly number[], truth: World['truth']): void {
  const { topic, partition } = stream.view;
  let { expected } = stream;
  for (const offset of offsets) {
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

function firstMissing(
  { truth }: World,
  group: string,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  acked: ReadonlySet<number> = new Set(),
  passed: readonly Passed[] = [],
  isolation: 'read_committed' | 'read_uncommitted',
): number | undefined {
  const committed = truth.committed(group, topic, partition) ?? 0;
  for (const offset of truth.deliverables(topic, partition, committed, isolation))
    if (!acked.has(offset) && !passed.some((stretch) => stretch.from <= offset && offset < stretch.to)) return offset;
  return undefined;
}

function groupsOf({ members }: World): ReadonlyMap<string, MemberShadow> {
  const groups = new Map<string, MemberShadow>();
  for (const member of members.values()) {
    const { groupId } = member.settings.mode;
    if (groupId !== undefined) groups.set(groupId, member);
  }
  return groups;
}

function listed<T>(lists: Map<string, T[]>, key: string): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
