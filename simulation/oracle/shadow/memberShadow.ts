import { partitionKey, type TopicPartition } from '../../../src/model/topicPartition.ts';
import type { Settings } from '../../../src/options/settings.ts';
import type { ConsumerEvent } from '../../../src/model/events.ts';
import { placesOf } from './places.ts';
import { KafkaRxError } from '../../../src/errors/index.ts';
import { codeOf, isWorthRetrying, kafkaErrorOf } from '../../../src/errors/table.ts';
import type { OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse } from '../../../src/protocol/apis/offsetForLeaderEpoch.ts';
import type { FetchRequest } from '../../../src/protocol/apis/fetch.ts';
import type { MetadataResponse } from '../../../src/protocol/apis/metadata.ts';
import type { Ending, Seen } from '../seen.ts';
import { refusalsOf, type Refusal } from './codes.ts';
import { Connections } from './connections.ts';
import { Standing } from './standing.ts';
import { StreamShadow } from './streamShadow.ts';
import { takeOfStream } from './takeOfStream.ts';
import { ToldOfCluster } from './toldOfCluster.ts';

type Of<K extends Seen['kind']> = Extract<Seen, { readonly kind: K }>;

/** A request that was sent. */
export interface Sent {
  readonly id: number;
  readonly broker: string;
  readonly api: string;
  readonly request: unknown;
  /** Ms. */
  readonly at: number;
  /** Of Fetch and OffsetCommit: the streams that it is about, with the position epoch that each was in. */
  readonly asked: Map<StreamShadow, number>;
  /** It may have waited for its connection, and was made before. */
  readonly hasWaited: boolean;
  /** So many leaders had moved by then, as it was told. */
  readonly moves: number;
  /** When something of its answer last came, ms. */
  heardAt: number;
}

/** Not a failure: the way that joining goes. */
const expected = new Set(['MEMBER_ID_REQUIRED', 'REBALANCE_IN_PROGRESS']);

/** One consumer, as it is known from outside. Takes in what is seen of it, one thing after another. */
export class MemberShadow {
  readonly name: string;
  readonly settings: Settings;
  readonly standing: Standing;
  /** All that were emitted and have not ended for good, by assignment epoch. */
  readonly streams: Map<number, StreamShadow> = new Map();
  readonly requests: Map<number, Sent> = new Map();
  readonly connections: Connections = new Connections();
  /** `until` has emitted. Ms. */
  stoppedAt: number | undefined;
  /** What its `until` has failed with. */
  stopError: unknown;
  ending: Ending | undefined;
  endedAt: number = Infinity;
  /** The consumer says so: `closed`. */
  closed = 0;
  readonly beganAt: number;
  /** Something failed, not of one partition alone; ms. */
  troubledAt: number;
  /** The same, but for what was fetched: what may keep it from its coordinator; ms. */
  cutOffAt: number = -Infinity;
  readonly cluster: ToldOfCluster = new ToldOfCluster();
  /** It was told what cannot be healed, or tells that it is about to give up: it may end. */
  hopeless = false;
  /** When its event loop is free again, ms. */
  readonly freeAt: () => number;

  constructor(name: string, settings: Settings, at: number, freeAt: () => number = () => 0) {
    this.name = name;
    this.settings = settings;
    this.standing = new Standing(settings);
    this.beganAt = at;
    this.troubledAt = at;
    this.freeAt = freeAt;
  }

  get live(): boolean {
    return this.ending === undefined;
  }

  /** The longest that it waits after a failure before it tries again, ms; and before it looks again by itself. */
  get grace(): number {
    const { max, jitter } = this.settings.backoff;
    return max * (1 + jitter) + 1_000 + this.settings.fetch.maxWait;
  }

  /** The present stream of a partition. */
  streamOf(topic: string, partition: number): StreamShadow | undefined {
    const key = partitionKey(topic, partition);
    let found: StreamShadow | undefined;
    for (const stream of this.streams.values()) if (stream.key === key) found = stream;
    return found;
  }

  /** Positions that were given up since are known to be: what was delivered or asked for before is stale. */
  sync(at: number): void {
    for (const stream of this.streams.values())
      if (stream.expected !== undefined && stream.view.position === undefined) stream.relocated(at);
  }

  waits(api: string): boolean {
    for (const sent of this.requests.values()) if (sent.api === api) return true;
    return false;
  }

  take(seen: Seen, at: number): void {
    switch (seen.kind) {
      case 'begins':
        break;
      case 'stop':
        this.stoppedAt ??= at;
        break;
      case 'stopFails':
        this.stoppedAt ??= at;
        this.stopError = seen.error;
        break;
      case 'ends':
        this.ends(seen.ending, at);
        break;
      case 'event':
        this.told(seen.event, at);
        break;
      case 'connecting':
        this.connections.begun(seen.connection, seen.broker, at);
        break;
      case 'connected':
        this.connections.opened(seen.connection, seen.broker, at);
        break;
      case 'disconnected':
        if (!this.connections.ended(seen.connection) || seen.error !== undefined) this.failed(seen.error, 'Connect', at);
        break;
      case 'request':
        this.sent(seen, at);
        break;
      case 'answer':
        this.answered(seen, at);
        break;
      case 'part':
        this.part(seen, at);
        break;
      case 'failed':
        this.gaveUp(seen, at);
        break;
      case 'stream':
        this.begins(seen.stream, new StreamShadow(seen.view, this.cluster.idOf(seen.view.topic)));
        break;
      default:
        takeOfStream(this.streams.get(seen.stream), seen, this.settings.delivery === 'at-least-once', at);
    }
  }

  /** What the partition's earlier streams were is over, unless somebody is still reading. */
  private begins(epoch: number, stream: StreamShadow): void {
    for (const [old, { key, attached }] of this.streams) if (key === stream.key && !attached) this.streams.delete(old);
    this.streams.set(epoch, stream);
  }

  /** Who gave up at the deadline was not answered; else nobody wanted the answer any more. */
  private gaveUp({ id, api, error }: Of<'failed'>, at: number): void {
    const sent = this.requests.get(id);
    this.requests.delete(id);
    if (error !== undefined || (sent !== undefined && at - sent.heardAt >= this.settings.requestTimeout)) this.failed(error, api, at);
  }

  private failed(error: unknown, api: string, at: number): void {
    if (api !== 'Fetch') this.cutOffAt = at;
    this.troubledAt = Math.max(this.troubledAt, at);
    if (KafkaRxError.is(error) && !error.retriable) this.hopeless = true;
  }

  private ends(ending: Ending, at: number): void {
    this.ending = ending;
    this.endedAt = at;
    if (ending.how === 'crashed') this.requests.clear();
  }

  private told(event: ConsumerEvent, at: number): void {
    if (event.kind === 'closed') this.closed++;
    if (event.kind === 'unattended') this.hopeless = true;
    if (event.kind === 'throttled') this.troubledAt = Math.max(this.troubledAt, at + event.delay);
    if (event.kind === 'retryScheduled' && event.api === 'JoinGroup') this.standing.joinsAgain();
    if (event.kind === 'lost') this.lost(event.partitions);
    if (event.kind !== 'positioned') return;
    const stream = this.streamOf(event.topic, event.partition);
    if (stream === undefined) return;
    if (event.reason === 'truncated' && event.from === event.to && stream.expected !== undefined && !stream.holdsLost) {
      stream.cutBehind(event.to);
      return;
    }
    // A seek was seen before it was told.
    if (stream.expected !== undefined && event.reason !== 'committed') {
      stream.relocated(at);
      this.askedAlready(stream, event.to, at);
    }
    stream.located(event.to);
    if (event.reason === 'committed' || (event.reason === 'seek' && stream.goesToCommitted))
      stream.committedTo(event.to, stream.positionEpoch, at);
  }

  private lost(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      const stream = this.streamOf(topic, partition);
      if (stream !== undefined) stream.isLost = true;
    }
  }

  /** Where it goes on was asked for the moment before that was told. */
  private askedAlready(stream: StreamShadow, to: number, now: number): void {
    const { topic, partition } = stream.view;
    for (const { api, request, asked, at } of this.requests.values())
      if (
        at === now &&
        placesOf(api, request).some((place) => place.topic === topic && place.partition === partition && place.offset === to)
      )
        asked.set(stream, stream.positionEpoch);
  }

  private sent({ id, broker, api, request }: Of<'request'>, at: number): void {
    this.standing.sent(api, at);
    const asked = new Map<StreamShadow, number>();
    for (const stream of this.streams.values()) if (api === 'OffsetForLeaderEpoch' && names(request, stream.view)) stream.isUnproven = true;
    for (const { topic, partition, offset } of placesOf(api, request)) {
      const stream = this.streamOf(topic, partition);
      if (stream === undefined) continue;
      asked.set(stream, api === 'OffsetCommit' ? stream.epochOf(offset) : stream.positionEpoch);
      if (api === 'Fetch') {
        stream.asks(offset);
        stream.askedOf = broker;
      }
    }
    const hasWaited = this.connections.hasJustOpened(broker, at);
    this.requests.set(id, { id, broker, api, request, at, asked, hasWaited, moves: this.cluster.moves, heardAt: at });
  }

  private answered({ id, api, response }: Of<'answer'>, at: number): void {
    const sent = this.requests.get(id);
    this.requests.delete(id);
    if (sent === undefined) return;
    const refusals = refusalsOf(api, response);
    this.standing.heard(api, sent.request, response, refusals, sent.at, at);
    for (const refusal of refusals) this.refused(refusal, api, at);
    if (api === 'OffsetCommit') this.committed(sent, refusals, at);
    if (api === 'OffsetForLeaderEpoch') this.proven(response as OffsetForLeaderEpochResponse);
    if (api === 'Metadata') this.cluster.metadata(response as MetadataResponse, at);
  }

  private proven({ topics }: OffsetForLeaderEpochResponse): void {
    for (const { topic, partitions } of topics)
      for (const { partition, errorCode, endOffset } of partitions) {
        const stream = this.streamOf(topic, partition);
        if (stream !== undefined && errorCode === 0) stream.partedAt = Math.max(0, endOffset);
      }
  }

  private refused({ name, key }: Refusal, api: string, at: number): void {
    if (expected.has(name)) return;
    const { code, invalidates } = kafkaErrorOf(codeOf(name));
    if (invalidates !== 'member' && !isWorthRetrying(code)) this.hopeless = true;
    const stream = key === undefined ? undefined : [...this.streams.values()].find((each) => each.key === key);
    if (stream === undefined || api === 'OffsetCommit') {
      this.troubledAt = Math.max(this.troubledAt, at);
      this.cutOffAt = at;
    }
    if (stream !== undefined) stream.troubledAt = at;
  }

  private committed({ request, asked }: Sent, refusals: readonly Refusal[], at: number): void {
    for (const { topic, partition, offset } of placesOf('OffsetCommit', request)) {
      const stream = this.streamOf(topic, partition);
      const isRefused = refusals.some(({ key }) => key === undefined || key === stream?.key);
      const epoch = stream && asked.get(stream);
      if (epoch !== undefined && !isRefused) stream?.committedTo(offset, epoch, at);
    }
  }

  private part({ id, part }: Of<'part'>, at: number): void {
    const sent = this.requests.get(id);
    if (sent === undefined) return;
    sent.heardAt = at;
    if (part.kind === 'end') this.requests.delete(id);
    if (part.kind === 'head' && part.errorCode !== 0) this.troubledAt = at;
    if (part.kind === 'corrupt') this.trouble(part.topic, part.partition, at);
    if (part.kind === 'end') this.cluster.endpoints(part.nodeEndpoints);
    if (part.kind === 'partition' && part.header.preferredReadReplica >= 0) {
      const stream = this.streamOf(part.header.topic, part.header.partitionIndex);
      if (stream !== undefined) stream.near = this.cluster.addressOf(part.header.preferredReadReplica);
    }
    if (part.kind === 'partition' && part.header.divergingEpoch.endOffset >= 0) {
      const stream = this.streamOf(part.header.topic, part.header.partitionIndex);
      if (stream !== undefined) stream.partedAt = part.header.divergingEpoch.endOffset;
    }
    if (part.kind === 'partition' && part.header.errorCode !== 0) {
      const { topic, partitionIndex, currentLeader } = part.header;
      this.trouble(topic, partitionIndex, at);
      this.cluster.hint(topic, partitionIndex, currentLeader.leaderId);
    }
    if (part.kind !== 'batch') return;
    const stream = this.streamOf(part.topic, part.partition);
    // Others than it delivers are asked for to see what comes next.
    // Before Fetch 12 nothing is taken in while it is asked whether the log is the one that was read.
    if (this.isProven(part.topic, part.partition)) return;
    const isLook = (sent.request as FetchRequest).isolationLevel !== (this.settings.isolationLevel === 'read_committed' ? 1 : 0);
    if (isLook || stream === undefined || sent.asked.get(stream) !== stream.positionEpoch) return;
    const { baseOffset, nextOffset, sizeInBytes, leaderEpoch } = part.batch;
    if (!part.batch.crcIsGood()) {
      stream.doomed = true;
      stream.troubledAt = at;
    } else stream.receive({ base: baseOffset, next: nextOffset, bytes: sizeInBytes, epoch: leaderEpoch });
    // What one was asked for who is told not to lead any more may not be taken in.
    if ((this.cluster.moved.get(stream.key) ?? 0) > sent.moves) stream.mayHaveGivenUp = true;
  }

  private isProven(topic: string, partition: number): boolean {
    for (const { api, request } of this.requests.values())
      if (api === 'OffsetForLeaderEpoch' && names(request, { topic, partition })) return true;
    return false;
  }

  private trouble(topic: string, partition: number, at: number): void {
    const stream = this.streamOf(topic, partition);
    if (stream !== undefined) stream.troubledAt = at;
  }
}

function names(request: unknown, { topic, partition }: { readonly topic: string; readonly partition: number }): boolean {
  const { topics } = request as OffsetForLeaderEpochRequest;
  return topics.some((each) => each.topic === topic && each.partitions.some((one) => one.partition === partition));
}
