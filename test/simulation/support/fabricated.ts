import { NEVER } from 'rxjs';
import { cooperativeSticky } from '../../../src/group/assignors/cooperativeSticky.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { encodeAssignment } from '../../../src/protocol/consumerProtocol.ts';
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

/** Every offset below 100 of `orders-0` and `orders-1` is a record; nothing is committed. */
export const hundred: Truth = {
  deliverable: (_topic, _partition, from, to) => (from < Math.min(to, 100) ? from : undefined),
  deliverables: (_topic, _partition, to) => Array.from({ length: Math.min(to, 100) }, (_, offset) => offset),
  end: () => 100,
  committed: () => undefined,
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
    this.see({ kind: 'request', id: this.id, broker, api, request: { topics: [], groups: [], ...request } });
    return this.id;
  }

  hear(id: number, api: string, response: unknown): this {
    return this.see({ kind: 'answer', id, broker, api, response });
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

  positioned(epoch: number, to: number, reason: 'start' | 'seek' | 'reset' | 'committed'): this {
    const view = this.views.get(epoch);
    if (view === undefined) throw new RangeError('no such stream');
    view.position = to;
    return this.see({
      kind: 'event',
      event: { kind: 'positioned', at: this.clock, topic: 'orders', partition: view.partition, to, reason },
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

  acked(epoch: number, offset: number, positionEpoch = 0): this {
    return this.see({ kind: 'acked', stream: epoch, offset, positionEpoch });
  }

  fetch(...places: readonly (readonly [partition: number, offset: number])[]): number {
    const partitions = places.map(([partition, fetchOffset]) => ({ partition, fetchOffset, currentLeaderEpoch: 0 }));
    return this.send('Fetch', { maxWaitMs: 500, topics: [{ topic: 'orders', partitions }] });
  }

  /** The answer to a fetch: for each partition nothing, an error, or a batch of so many records from its offset on. */
  fetched(
    id: number,
    ...parts: readonly (readonly [partition: number, what: string] | readonly [partition: number, from: number, records: number])[]
  ): this {
    for (const [partition, what, records = 0] of parts) {
      const header = {
        topic: 'orders',
        partitionIndex: partition,
        errorCode: typeof what === 'string' ? codeOf(what) : 0,
      } as unknown as FetchPartitionHeader;
      this.see({ kind: 'part', id, broker, part: { kind: 'partition', header } });
      if (typeof what === 'number' && records > 0)
        this.see({
          kind: 'part',
          id,
          broker,
          part: { kind: 'batch', topic: 'orders', topicId: NO_ID, partition, batch: batch(what, records) },
        });
    }
    return this.see({ kind: 'part', id, broker, part: { kind: 'end', bytes: 100, nodeEndpoints: [] } });
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
  return new BatchView(encodeBatch(values, { baseOffset }));
}
