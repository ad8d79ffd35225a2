import { violated, type Rule } from '../rule.ts';
import { kafkaErrorOf } from '../../../src/errors/table.ts';
import { partitionKey } from '../../../src/model/topicPartition.ts';
import type { ConsumerEvent } from '../../../src/model/events.ts';
import type { ListOffsetsResponse } from '../../../src/protocol/apis/listOffsets.ts';
import { committedOf, type OffsetFetchResponse } from '../../../src/protocol/apis/offsetFetch.ts';
import type { OffsetForLeaderEpochResponse } from '../../../src/protocol/apis/offsetForLeaderEpoch.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';
import { Definite } from './definite.ts';

/** What a consumer was told of the places in one log. */
interface Told {
  /** The leader has said OFFSET_OUT_OF_RANGE, and no position came since. */
  outOfRange: boolean;
  /** The leader has said that its log is another one. */
  cut: boolean;
  committed: number | undefined;
  /** The places that it asked for and was told. */
  readonly places: Set<number>;
}

type Positioned = ConsumerEvent & { readonly kind: 'positioned' };

/** A change of position that is neither consuming nor the user's is told, follows policy, and has a definite answer as its cause. */
export function reset(): Rule {
  const definite = new Definite();
  const told = new Map<MemberShadow, Map<string, Told>>();
  const of = (member: MemberShadow, key: string): Told => {
    const partitions = told.get(member) ?? new Map<string, Told>();
    told.set(member, partitions);
    const known = partitions.get(key) ?? { outOfRange: false, cut: false, committed: undefined, places: new Set() };
    partitions.set(key, known);
    return known;
  };
  return {
    see(seen, member, at, { truth }) {
      if (seen.kind === 'request') definite.sent(seen, member, truth);
      if (seen.kind === 'part' && seen.part.kind === 'partition') {
        const { topic, partitionIndex, errorCode, divergingEpoch } = seen.part.header;
        const isOutOfRange = kafkaErrorOf(errorCode).name === 'OFFSET_OUT_OF_RANGE';
        const isCut = errorCode === 0 && divergingEpoch.endOffset >= 0;
        if ((isOutOfRange || isCut) && definite.said(seen.id, seen.part.header, member, truth, at) !== undefined)
          of(member, partitionKey(topic, partitionIndex))[isCut ? 'cut' : 'outOfRange'] = true;
      }
      if (seen.kind === 'stream') of(member, partitionKey(seen.view.topic, seen.view.partition)).committed = undefined;
      if (seen.kind === 'answer') answered(seen.api, seen.response, member, (key) => of(member, key));
      if (seen.kind === 'event' && seen.event.kind === 'positioned') {
        const key = partitionKey(seen.event.topic, seen.event.partition);
        judge(seen.event, of(member, key), member, key);
      }
    },
    look(member) {
      for (const { key, expected, view, ended } of member.streams.values()) {
        // Where it is looked up anew, that is told when it is found.
        if (ended !== undefined || expected === undefined || view.position !== undefined) continue;
        const { outOfRange, cut } = of(member, key);
        if (!outOfRange && !cut) violated('RESET', member, `${key} gave its position up, and no broker has said that it is out of range`);
      }
    },
  };
}

/** Also what is said before Fetch 12 by the end of an epoch; `truncation` looks at what. */
function answered(api: string, response: unknown, { settings }: MemberShadow, of: (key: string) => Told): void {
  if (api === 'ListOffsets')
    for (const { name, partitions } of (response as ListOffsetsResponse).topics)
      for (const { partitionIndex, errorCode, offset } of partitions)
        if (errorCode === 0) of(partitionKey(name, partitionIndex)).places.add(offset);
  if (api === 'OffsetForLeaderEpoch')
    for (const { topic, partitions } of (response as OffsetForLeaderEpochResponse).topics)
      for (const { partition, errorCode } of partitions) if (errorCode === 0) of(partitionKey(topic, partition)).cut = true;
  if (api === 'OffsetFetch')
    for (const { name, partitions } of committedOf(response as OffsetFetchResponse, settings.mode.groupId ?? '').topics)
      for (const { partitionIndex, errorCode, committedOffset } of partitions)
        if (errorCode === 0) of(partitionKey(name, partitionIndex)).committed = committedOffset;
}

function judge({ topic, partition, from, to, reason }: Positioned, told: Told, member: MemberShadow, key: string): void {
  const { autoOffsetReset } = member.settings;
  const { lowest = -1 } = member.streamOf(topic, partition) ?? {};
  if (reason === 'committed' && to !== told.committed)
    violated('RESET', member, `${key} begins at ${to} as committed, and the coordinator said ${told.committed ?? 'nothing'}`);
  if (reason === 'start' && member.settings.mode.groupId !== undefined && (told.committed ?? 0) >= 0)
    violated('RESET', member, `${key} begins at ${to} as the options say, and the coordinator said ${told.committed ?? 'nothing yet'}`);
  if (reason === 'reset') {
    if (!told.outOfRange) violated('RESET', member, `${key} was reset to ${to}, and no broker has said that it is out of range`);
    if (autoOffsetReset === 'none') violated('RESET', member, `${key} was reset to ${to} against autoOffsetReset 'none'`);
    if (!told.places.has(to))
      violated('RESET', member, `${key} was reset to ${to}, which no broker has told as the ${autoOffsetReset} offset`);
  }
  if (reason === 'truncated' && autoOffsetReset === 'latest' && to !== from && to > lowest && !told.places.has(to))
    violated('RESET', member, `${key} goes on at ${to} behind what was cut, which no broker has told as the end`);
  told.outOfRange = false;
  told.cut = false;
}
