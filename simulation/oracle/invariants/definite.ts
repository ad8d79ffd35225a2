import { partitionKey } from '../../../src/model/topicPartition.ts';
import type { FetchPartition, FetchPartitionHeader, FetchRequest } from '../../../src/protocol/apis/fetch.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';
import type { StreamShadow } from '../shadow/streamShadow.ts';
import type { Seen } from '../seen.ts';
import type { Truth } from '../truth.ts';

/** What was asked of one partition. */
interface Question {
  readonly stream: StreamShadow;
  readonly asked: FetchPartition;
  readonly isOfLeader: boolean;
}

/**
 * Whether what a broker says against a position counts. A follower may lag behind; so may a leader that has not heard of the epoch of the last record: that is asked
 * once more when the cluster was looked at anew.
 */
export class Definite {
  /** Who led each partition when it was asked for, by the number of the request. */
  private readonly leaders = new WeakMap<MemberShadow, Map<number, ReadonlyMap<string, string | undefined>>>();
  private readonly suspected = new WeakMap<StreamShadow, number>();

  sent({ id, api, request }: Seen & { readonly kind: 'request' }, member: MemberShadow, truth: Truth): void {
    if (api !== 'Fetch') return;
    const known = this.leaders.get(member) ?? new Map<number, ReadonlyMap<string, string | undefined>>();
    this.leaders.set(member, known);
    const places = (request as FetchRequest).topics.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition }) => [partitionKey(topic, partition), truth.leader(topic, partition)] as const),
    );
    known.set(id, new Map(places));
    for (const old of known.keys()) if (!member.requests.has(old) && old !== id) known.delete(old);
  }

  /** The question that this answers, where it still counts; undefined: nothing follows from it. */
  said(id: number, header: FetchPartitionHeader, member: MemberShadow, truth: Truth, at: number): StreamShadow | undefined {
    const question = this.questionOf(id, header, member, truth);
    if (question?.isOfLeader !== true) return undefined;
    const { stream, asked } = question;
    if (asked.lastFetchedEpoch <= asked.currentLeaderEpoch) return stream;
    const since = this.suspected.get(stream) ?? at;
    this.suspected.set(stream, since);
    return member.cluster.at > since ? stream : undefined;
  }

  private questionOf(
    id: number,
    { topic, partitionIndex }: FetchPartitionHeader,
    member: MemberShadow,
    truth: Truth,
  ): Question | undefined {
    const sent = member.requests.get(id);
    const stream = member.streamOf(topic, partitionIndex);
    const asked = (sent?.request as FetchRequest | undefined)?.topics
      .find((each) => each.topic === topic)
      ?.partitions.find(({ partition }) => partition === partitionIndex);
    if (sent === undefined || stream === undefined || asked === undefined || sent.asked.get(stream) !== stream.positionEpoch)
      return undefined;
    const then = this.leaders.get(member)?.get(id)?.get(stream.key);
    return { stream, asked, isOfLeader: [then, truth.leader(topic, partitionIndex)].includes(sent.broker) };
  }
}
