import { violated, type Rule } from '../rule.ts';
import { KafkaRxError } from '../../../src/errors/index.ts';
import type { ConsumerEvent } from '../../../src/model/events.ts';
import type { EpochEndOffset, FetchPartitionHeader, FetchRequest } from '../../../src/protocol/apis/fetch.ts';
import type { OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse } from '../../../src/protocol/apis/offsetForLeaderEpoch.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';
import type { StreamShadow } from '../shadow/streamShadow.ts';
import type { Seen } from '../seen.ts';
import { Definite } from './definite.ts';

/** What a leader has said: its log has that epoch, the highest that both share, up to there. `asked`: the epoch of the last record that was read. */
interface Parting extends EpochEndOffset {
  readonly asked: number;
}

type Positioned = ConsumerEvent & { readonly kind: 'positioned' };

/**
 * A log that was cut below what was read of it. Reading goes on somewhere else only when its leader has said so, at the first offset that differs or below, and not
 * behind a record that is not acked; and nothing of the lost log is delivered any more.
 */
export function truncation(): Rule {
  const definite = new Definite();
  /** What was said of each, and not told yet. */
  const said = new Map<StreamShadow, Parting>();
  const lost = new Map<StreamShadow, Parting[]>();
  return {
    see(seen, member, at, { truth }) {
      if (seen.kind === 'request') definite.sent(seen, member, truth);
      if (seen.kind === 'part' && seen.part.kind === 'partition') {
        const { header } = seen.part;
        if (header.divergingEpoch.endOffset < 0 || header.errorCode !== 0) return;
        const stream = definite.said(seen.id, header, member, truth, at);
        if (stream !== undefined) said.set(stream, { ...header.divergingEpoch, asked: epochAsked(seen.id, header, member) });
      }
      if (seen.kind === 'answer' && seen.api === 'OffsetForLeaderEpoch') proven(seen, member, said);
      if (seen.kind === 'event' && seen.event.kind === 'positioned' && seen.event.reason === 'truncated')
        told(seen.event, member, { said, lost });
      if (seen.kind === 'errored' && KafkaRxError.is(seen.error) && seen.error.code === 'LOG_TRUNCATED') {
        const stream = member.streams.get(seen.stream);
        if (stream !== undefined && !said.has(stream))
          violated('RESET', member, `${stream.key} failed as truncated, and no leader has said so`);
      }
      if (seen.kind !== 'delivered' || seen.leaderEpoch === undefined) return;
      const stream = member.streams.get(seen.stream);
      const last = seen.offsets.at(-1) ?? -1;
      for (const { epoch, endOffset, asked } of (stream && lost.get(stream)) ?? [])
        if ((seen.leaderEpoch > epoch && seen.leaderEpoch <= asked) || (seen.leaderEpoch === epoch && last >= endOffset))
          violated(
            'EPOCH',
            member,
            `${stream?.key ?? ''} delivered ${last} of epoch ${seen.leaderEpoch}, which is not in the log, and it knows that`,
          );
    },
  };
}

function epochAsked(id: number, { topic, partitionIndex }: FetchPartitionHeader, { requests }: MemberShadow): number {
  const { topics = [] } = (requests.get(id)?.request ?? {}) as Partial<FetchRequest>;
  const asked = topics.find((each) => each.topic === topic)?.partitions.find(({ partition }) => partition === partitionIndex);
  return asked?.lastFetchedEpoch ?? -1;
}

/** Before Fetch 12: the end of the epoch of the last record, as the leader has it. */
function proven({ id, response }: Seen & { readonly kind: 'answer' }, member: MemberShadow, said: Map<StreamShadow, Parting>): void {
  const { topics: asked } = (member.requests.get(id)?.request ?? { topics: [] }) as Pick<OffsetForLeaderEpochRequest, 'topics'>;
  for (const { topic, partitions } of (response as OffsetForLeaderEpochResponse).topics)
    for (const { partition, errorCode, leaderEpoch: epoch, endOffset } of partitions) {
      const stream = member.streamOf(topic, partition);
      const known = asked.find((each) => each.topic === topic)?.partitions.find((each) => each.partition === partition);
      if (stream === undefined || known === undefined || errorCode !== 0) continue;
      said.set(stream, { epoch, endOffset: Math.max(0, endOffset), asked: known.leaderEpoch });
    }
}

function told(
  { topic, partition, from = -1, to }: Positioned,
  member: MemberShadow,
  { said, lost }: { readonly said: Map<StreamShadow, Parting>; readonly lost: Map<StreamShadow, Parting[]> },
): void {
  const stream = member.streamOf(topic, partition);
  if (stream === undefined) return;
  const { key, lowest = Infinity } = stream;
  const parting = said.get(stream);
  const { autoOffsetReset, delivery } = member.settings;
  if (parting === undefined) violated('RESET', member, `${key} goes on at ${to} as truncated, and no leader has said so`);
  if (autoOffsetReset === 'none' && from !== to) violated('RESET', member, `${key} goes on at ${to} against autoOffsetReset 'none'`);
  if (autoOffsetReset === 'earliest' && to > parting.endOffset)
    violated('RESET', member, `${key} goes on at ${to}, and its log differs from ${parting.endOffset} on`);
  if (autoOffsetReset === 'earliest' && delivery === 'at-least-once' && from !== to && to > lowest)
    violated('RESET', member, `${key} goes on at ${to}, and ${lowest} is not acked`);
  said.delete(stream);
  lost.set(stream, [...(lost.get(stream) ?? []), parting]);
}
