import { NEVER } from 'rxjs';
import { cooperativeSticky } from '../../../src/group/assignors/cooperativeSticky.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { encodeAssignment } from '../../../src/protocol/consumerProtocol.ts';
import type { PositionReason } from '../../../src/model/events.ts';
import type { FetchPartitionHeader } from '../../../src/protocol/apis/fetch.ts';
import { codeOf } from '../../../src/errors/table.ts';
import { encodeBatch } from '../../../src/protocol/encodeBatch.ts';
import { BatchView } from '../../../src/protocol/batchView.ts';
import { readOptions, type ConsumerOptions } from '../../../src/options.ts';
import { Oracle } from '../../../simulation/oracle/oracle.ts';
import type { Rule } from '../../../simulation/oracle/rule.ts';
import type { Seen } from '../../../simulation/oracle/seen.ts';
import type { Truth } from '../../../simulation/oracle/truth.ts';
import type { MemberShadow } from '../../../simulation/oracle/shadow/memberShadow.ts';
import { NO_ID } from '../../support/noId.ts';

const broker = 'b1:9092';

/** What a broker says of a partition of which there is nothing to say. */
const nothing: FetchPartitionHeader = {
  topic: 'orders',
  topicId: NO_ID,
  partitionIndex: 0,
  errorCode: 0,
  highWatermark: 100,
  lastStableOffset: 100,
  logStartOffset: 0,
  abortedTransactions: null,
  preferredReadReplica: -1,
  divergingEpoch: { epoch: -1, endOffset: -1 },
  currentLeader: { leaderId: -1, leaderEpoch: -1 },
  snapshotId: { endOffset: -1, epoch: -1 },
};

/** Every offset below 100 of `orders-0` and `orders-1` is a record; nothing is committed. */
export const hundred: Truth = {
  deliverable: (_topic, _partition, from, to) => (from < Math.min(to, 100) ? from : undefined),
  deliverables: (_topic, _partition, to) => Array.from({ length: Math.min(to, 100) }, (_, offset) => offset),
  end: () => 100,
  committed: () => undefined,
  committedEpoch: () => -1,
  commitsById: true,
  epochAt: () => 0,
  leader: () => broker,
  isMember: () => false,
  topicId: () => 'id',
  partitions: () => [
    { topic: 'orders', partition: 0 },
    { topic: 'orders', partition: 1 },
  ],
};

/** Of no group: it begins where its options say. */
export const groupless: ConsumerOptions = { partitions: [{ topic: 'orders', partition: 0 }] };

/** A member of group `g` that gives everything up in a rebalance, unless something else is said. */
export const asMember: ConsumerOptions = {
  groupId: 'g',
  topics: ['orders'],
  assignors: [range],
  commit: { interval: 500 },
  requestTimeout: 1_000,
  backoff: { initial: 100, max: 500 },
};

/** The same, but it keeps what is not taken away. */
export const cooperative: ConsumerOptions = { ...asMember, assignors: [cooperativeSticky] };

/** A member that commits nothing. */
export const uncommitting: ConsumerOptions = {
  groupId: 'g',
  topics: ['orders'],
  commit: false,
  requestTimeout: 1_000,
  backoff: { initial: 100, max: 500 },
};

/** A history that somebody has made up: what was seen of one consumer, when. */
export class Fabricated {
  readonly oracle: Oracle;
  readonly member: MemberShadow;
  /** The positions of its streams, by assignment epoch. */
  readonly views: Map<number, { topic: string; partition: number; assignmentEpoch: number; position: number | undefined }> = new Map();
  /** Who is asked, and who answers. */
  private broker = broker;
  private clock = 0;
  private id = 0;

  constructor(rules: readonly Rule[], options: ConsumerOptions = asMember, truth: Truth = hundred) {
    this.oracle = new Oracle(truth, rules);
    const loop = { now: () => this.clock };
    this.member = this.oracle.member('m1', readOptions(options), { connect: () => NEVER }, loop).shadow;
  }

  get violated(): string | undefined {
    return this.oracle.violation?.invariant;
  }

  /** From now on it is that time; all that was to happen before has happened. */
  at(ms: number): this {
    try {
      this.oracle.moment();
    } catch {
      // Asked for later.
    }
    this.clock = ms;
    return this;
  }

  see(...seen: readonly Seen[]): this {
    for (const each of seen) this.oracle.see(this.member, each);
    return this;
  }

  /** What the request names nothing of is empty. */
  send(api: string, request: object = {}): number {
    this.id++;
    const { said, ...rest } = request as { readonly said?: object };
    const whole = { topics: [], groups: [], ...rest };
    this.see({ kind: 'request', id: this.id, broker: this.broker, api, request: whole, ...(said && { said: { ...whole, ...said } }) });
    return this.id;
  }

  hear(id: number, api: string, response: unknown): this {
    return this.see({ kind: 'answer', id, broker: this.broker, api, response });
  }

  /** From now on it is that broker that is asked, and answers. */
  of(name: string): this {
    this.broker = `${name}:9092`;
    return this;
  }

  /** Told of the cluster: which of the brokers 1 and 2 leads partition 0 of the topic that has that id. */
  toldOf(leaderId: number, topicId: string = NO_ID): this {
    const brokers = [1, 2].map((nodeId) => ({ nodeId, host: `b${String(nodeId)}`, port: 9092 }));
    const topics = [{ name: 'orders', topicId, errorCode: 0, partitions: [{ partitionIndex: 0, leaderId }] }];
    return this.hear(this.send('Metadata'), 'Metadata', { brokers, topics });
  }

  /** Assigned, in that generation. */
  assigned(partitions: readonly number[], generationId = 1): this {
    const assignment = encodeAssignment({ assignedPartitions: [{ topic: 'orders', partitions }], userData: null });
    const request = {
      groupId: 'g',
      generationId,
      memberId: 'm',
      groupInstanceId: null,
      protocolType: null,
      protocolName: null,
      assignments: [],
    };
    return this.hear(this.send('SyncGroup', request), 'SyncGroup', { errorCode: 0, assignment });
  }

  /** The stream of a partition begins at an offset, and is subscribed. */
  stream(partition: number, epoch: number, offset: number): this {
    return this.begins(partition, epoch).positioned(epoch, offset, 'start').see({ kind: 'subscribed', stream: epoch });
  }

  /** The stream of a partition is there, and nobody knows where it begins. */
  begins(partition: number, epoch: number): this {
    const view = { topic: 'orders', partition, assignmentEpoch: epoch, position: undefined as number | undefined };
    this.views.set(epoch, view);
    return this.see({ kind: 'stream', stream: epoch, view });
  }

  /** The coordinator says what is committed of partition 0; -1: nothing. */
  recalled(committedOffset: number): this {
    const topics = [{ name: 'orders', partitions: [{ partitionIndex: 0, errorCode: 0, committedOffset }] }];
    return this.hear(this.send('OffsetFetch'), 'OffsetFetch', {
      errorCode: 0,
      topics: [],
      groups: [{ groupId: 'g', errorCode: 0, topics }],
    });
  }

  positioned(epoch: number, to: number, reason: PositionReason, from?: number): this {
    const view = this.views.get(epoch);
    if (view === undefined) throw new RangeError('no such stream');
    view.position = to;
    return this.see({
      kind: 'event',
      event: {
        kind: 'positioned',
        at: this.clock,
        topic: 'orders',
        partition: view.partition,
        to,
        reason,
        ...(from !== undefined && { from }),
      },
    });
  }

  delivered(epoch: number, ...offsets: readonly number[]): this {
    const view = this.views.get(epoch);
    for (const offset of offsets) {
      this.see({ kind: 'delivered', stream: epoch, offsets: [offset], bytes: 10 });
      if (view !== undefined) view.position = offset + 1;
    }
    return this;
  }

  /** The same, written in that leader epoch. */
  deliveredOf(leaderEpoch: number, epoch: number, ...offsets: readonly number[]): this {
    const view = this.views.get(epoch);
    for (const offset of offsets) {
      this.see({ kind: 'delivered', stream: epoch, offsets: [offset], bytes: 10, leaderEpoch });
      if (view !== undefined) view.position = offset + 1;
    }
    return this;
  }

  acked(epoch: number, offset: number, positionEpoch = 0): this {
    return this.see({ kind: 'acked', stream: epoch, offset, positionEpoch });
  }

  fetch(...places: readonly (readonly [partition: number, offset: number])[]): number {
    const partitions = places.map(([partition, fetchOffset]) => ({ partition, fetchOffset, currentLeaderEpoch: 0, lastFetchedEpoch: 0 }));
    return this.send('Fetch', { maxWaitMs: 500, isolationLevel: 1, topics: [{ topic: 'orders', partitions }] });
  }

  /** The same in a session: what is said, where that is not all, and what is forgotten. */
  asks(
    session: { readonly id: number; readonly epoch: number; readonly news?: readonly number[]; readonly forgotten?: readonly number[] },
    ...places: readonly (readonly [partition: number, offset: number])[]
  ): number {
    const topics = (own: typeof places): object[] => [
      { topic: 'orders', topicId: 'id', partitions: own.map(([partition, fetchOffset]) => ({ partition, fetchOffset })) },
    ];
    const { news, forgotten = [] } = session;
    const said = {
      sessionId: session.id,
      sessionEpoch: session.epoch,
      topics: topics(places.filter(([partition]) => news?.includes(partition) ?? true)),
      forgottenTopicsData: [{ topic: 'orders', partitions: forgotten }],
    };
    return this.send('Fetch', { maxWaitMs: 500, isolationLevel: 1, topics: topics(places), said });
  }

  /** A whole answer, that names that session. */
  inSession(id: number, sessionId: number): this {
    this.see({ kind: 'part', id, broker: this.broker, part: { kind: 'head', errorCode: 0, sessionId, throttleTimeMs: 0, version: 17 } });
    return this.fetched(id);
  }

  /** What a broker says of partition 0, beside its records. */
  says(id: number, header: Partial<FetchPartitionHeader>): this {
    const whole = { ...nothing, topic: 'orders', partitionIndex: 0, ...header };
    return this.see({ kind: 'part', id, broker: this.broker, part: { kind: 'partition', header: whole } }).fetched(id);
  }

  /** The answer to a fetch: for each partition nothing, an error, or a batch of so many records from its offset on. */
  fetched(
    id: number,
    ...parts: readonly (readonly [partition: number, what: string] | readonly [partition: number, from: number, records: number])[]
  ): this {
    for (const [partition, what, records = 0] of parts) {
      const header = { ...nothing, topic: 'orders', partitionIndex: partition, errorCode: typeof what === 'string' ? codeOf(what) : 0 };
      this.see({ kind: 'part', id, broker: this.broker, part: { kind: 'partition', header } });
      if (typeof what === 'number' && records > 0)
        this.see({
          kind: 'part',
          id,
          broker: this.broker,
          part: { kind: 'batch', topic: 'orders', topicId: NO_ID, partition, batch: batch(what, records) },
        });
    }
    return this.see({ kind: 'part', id, broker: this.broker, part: { kind: 'end', bytes: 100, nodeEndpoints: [] } });
  }

  commits(offset: number, generationIdOrMemberEpoch = 1, partition = 0): number {
    const partitions = [{ partitionIndex: partition, committedOffset: offset }];
    return this.send('OffsetCommit', { generationIdOrMemberEpoch, topics: [{ name: 'orders', partitions }] });
  }

  committed(id: number, error = 'NONE', partition = 0): this {
    return this.hear(id, 'OffsetCommit', {
      topics: [{ name: 'orders', partitions: [{ partitionIndex: partition, errorCode: codeOf(error) }] }],
    });
  }

  heartbeat(error = 'NONE', generationId = 1): this {
    return this.hear(this.send('Heartbeat', { generationId }), 'Heartbeat', { errorCode: codeOf(error) });
  }
}

function batch(baseOffset: number, records: number): BatchView {
  const values = Array.from({ length: records }, (_, index) => ({ value: Buffer.from(String(baseOffset + index)) }));
  return new BatchView(encodeBatch(values, { baseOffset, leaderEpoch: 0 }));
}
