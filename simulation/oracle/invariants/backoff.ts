import { violated, type Rule } from '../rule.ts';
import type { ConsumerEvent } from '../../../src/model/events.ts';
import type { FetchPartitionHeader } from '../../../src/protocol/apis/fetch.ts';
import type { MemberShadow, Sent } from '../shadow/memberShadow.ts';
import type { StreamShadow } from '../shadow/streamShadow.ts';
import type { Seen } from '../seen.ts';
import { placesOf } from '../shadow/places.ts';
import { partitionKey } from '../../../src/model/topicPartition.ts';

/** So many requests at one moment are a loop that re-enters itself. */
const AT_ONCE = 100;
/** Failures of one API in a row that may come faster than the back-off: each broker may be asked once, over each of its connections. */
const IN_A_ROW = 8;

/** How the last round for a partition went: when the next may be, by its own failure or its emptiness. */
interface Round {
  /** Not before, ms on the member's clock. */
  readonly notBefore: number;
  readonly broker: string;
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly positionEpoch: number;
}

interface Memory {
  /** What each Fetch that is under way has brought so far. */
  readonly fetches: Map<number, { progress: boolean; readonly refused: Map<string, number> }>;
  readonly rounds: Map<StreamShadow, Round>;
  /** Failures of each API in a row, and when the first of them was. */
  readonly failures: Map<string, { count: number; since: number }>;
  /** Brokers that have answered a Fetch since one to them last failed. */
  readonly answered: Set<string>;
  at: number;
  requests: number;
}

/** Two rounds without progress are apart by at least the minimum back-off, and nothing re-enters synchronously. */
export function backoff(): Rule {
  const memories = new Map<MemberShadow, Memory>();
  const memoryOf = (member: MemberShadow): Memory => {
    const memory = memories.get(member) ?? {
      fetches: new Map(),
      rounds: new Map(),
      failures: new Map(),
      answered: new Set(),
      at: -1,
      requests: 0,
    };
    memories.set(member, memory);
    return memory;
  };
  return {
    see(seen, member, at) {
      const memory = memoryOf(member);
      if (seen.kind === 'request') sent(seen, member, memory, at);
      if (seen.kind === 'part') part(seen, member, memory, at);
      if (seen.kind === 'event' && seen.event.kind === 'retryScheduled') retried(seen.event, member, memory);
      if (seen.kind === 'answer') memory.failures.delete(seen.api);
      // What was fetched before it was known whether it is of the log that was read is fetched again.
      if (seen.kind === 'answer' && seen.api === 'OffsetForLeaderEpoch') memory.rounds.clear();
      if (seen.kind === 'failed' && seen.error !== undefined) failed(seen.api, member, memory, at);
    },
  };
}

function sent({ id, api, broker, request }: Seen & { kind: 'request' }, member: MemberShadow, memory: Memory, at: number): void {
  if (memory.at !== at) memory.requests = 0;
  memory.at = at;
  if (++memory.requests > AT_ONCE) violated('BACKOFF', member, `it sent ${memory.requests} requests at one moment, the last a ${api}`);
  if (api !== 'Fetch') return;
  memory.fetches.set(id, { progress: false, refused: new Map() });
  for (const { topic, partition, offset } of placesOf(api, request)) {
    const stream = member.streamOf(topic, partition);
    const round = stream && memory.rounds.get(stream);
    if (
      stream === undefined ||
      round?.broker !== broker ||
      round.offset !== offset ||
      round.leaderEpoch !== epochOf(request, topic, partition)
    )
      continue;
    if (round.positionEpoch === stream.positionEpoch && at < round.notBefore)
      violated('BACKOFF', member, `${stream.key} is asked for at ${offset} again, ${round.notBefore - at} ms before its back-off is over`);
  }
}

function part({ id, part: seen, broker }: Seen & { kind: 'part' }, member: MemberShadow, memory: Memory, at: number): void {
  const fetch = memory.fetches.get(id);
  const request = member.requests.get(id);
  if (fetch === undefined || request === undefined) return;
  if (seen.kind === 'batch' || (seen.kind === 'partition' && leadsElsewhere(seen.header))) fetch.progress = true;
  if (seen.kind === 'partition' && seen.header.errorCode !== 0)
    fetch.refused.set(partitionKey(seen.header.topic, seen.header.partitionIndex), at);
  if (seen.kind !== 'end') return;
  memory.fetches.delete(id);
  memory.answered.add(broker);
  ended(fetch, request, broker, member, memory);
}

/** It is to be asked somewhere else: of another replica, or for another part of the log. */
function leadsElsewhere({ preferredReadReplica, divergingEpoch }: FetchPartitionHeader): boolean {
  return preferredReadReplica >= 0 || divergingEpoch.endOffset >= 0;
}

/** What was refused waits for its back-off; what brought nothing at all, for the minimum since it was sent. */
function ended(
  fetch: { progress: boolean; refused: Map<string, number> },
  { request, asked, at: sentAt }: Sent,
  broker: string,
  member: MemberShadow,
  memory: Memory,
): void {
  // It waited for its connection: it was begun before. Or what it asked for is led elsewhere meanwhile, and its answer is stale.
  if (member.connections.hasJustOpened(broker, sentAt) || member.cluster.at >= sentAt) return;
  const { initial, jitter } = member.settings.backoff;
  // Before Fetch 12: what came for one whose log is to be proven first was not taken in, so it is not known whether it was nothing.
  const isCutShort = [...asked.keys()].some(({ isUnproven }) => isUnproven);
  for (const { topic, partition, offset } of placesOf('Fetch', request)) {
    const stream = member.streamOf(topic, partition);
    // A new assignment begins anew.
    if (stream === undefined || !asked.has(stream)) continue;
    const refusedAt = fetch.refused.get(stream.key);
    const futile = !fetch.progress && fetch.refused.size === 0 && !isCutShort;
    const place = { broker, offset, leaderEpoch: epochOf(request, topic, partition), positionEpoch: asked.get(stream) ?? -1 };
    if (refusedAt !== undefined) memory.rounds.set(stream, { ...place, notBefore: refusedAt + Math.floor(initial * (1 - jitter)) });
    else if (futile) memory.rounds.set(stream, { ...place, notBefore: sentAt + initial });
    else memory.rounds.delete(stream);
  }
}

/** Of a broker as a whole: the first failure after an answer begins anew. */
function retried(
  { api, topic, broker = '', attempt }: ConsumerEvent & { kind: 'retryScheduled' },
  member: MemberShadow,
  { answered }: Memory,
): void {
  if (api !== 'Fetch' || topic !== undefined) return;
  if (attempt > 1 && answered.has(broker))
    violated('BACKOFF', member, `${broker} has answered, and its back-off goes on with attempt ${attempt}`);
  answered.delete(broker);
}

function failed(api: string, member: MemberShadow, { failures }: Memory, at: number): void {
  const { initial, jitter } = member.settings.backoff;
  const before = failures.get(api);
  const running = before !== undefined && at - before.since < initial * (1 - jitter) ? before : { count: 0, since: at };
  running.count++;
  failures.set(api, running);
  if (running.count > IN_A_ROW) violated('BACKOFF', member, `${api} failed ${running.count} times within ${at - running.since} ms`);
}

function epochOf(request: unknown, topic: string, partition: number): number {
  const { topics } = request as {
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly currentLeaderEpoch: number }[];
    }[];
  };
  return topics.find((each) => each.topic === topic)?.partitions.find((each) => each.partition === partition)?.currentLeaderEpoch ?? -1;
}
