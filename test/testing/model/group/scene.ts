import { kafkaErrorOf } from '../../../../src/errors/table.ts';
import type { Api } from '../../../../src/protocol/api.ts';
import { heartbeatApi } from '../../../../src/protocol/apis/heartbeat.ts';
import { joinGroupApi, type JoinGroupRequest, type JoinGroupResponse } from '../../../../src/protocol/apis/joinGroup.ts';
import { leaveGroupApi, type LeaveGroupResponse } from '../../../../src/protocol/apis/leaveGroup.ts';
import { offsetCommitApi, type OffsetCommitRequest } from '../../../../src/protocol/apis/offsetCommit.ts';
import { offsetFetchApi } from '../../../../src/protocol/apis/offsetFetch.ts';
import { syncGroupApi, type SyncGroupRequest, type SyncGroupResponse } from '../../../../src/protocol/apis/syncGroup.ts';
import { Reader } from '../../../../src/protocol/reader.ts';
import { Writer } from '../../../../src/protocol/writer.ts';
import { newBrokers, standardSettings } from '../../../../src/testing/model/brokers.ts';
import { ClusterModel, type BrokerSettings } from '../../../../src/testing/model/clusterModel.ts';
import { groupServices } from '../../../../src/testing/model/group/services.ts';
import type { Reply } from '../../../../src/testing/model/reply.ts';
import { NO_ID } from '../../../support/noId.ts';

/** A request that was sent: `answer` is undefined as long as it is parked. */
export interface Sent<R> {
  readonly answer: R | undefined;
}

interface How {
  readonly version?: number;
  readonly node?: number;
  readonly refusal?: (topic?: string, partition?: number) => string | undefined;
}

export type JoinOptions = Partial<Omit<JoinGroupRequest, 'protocols'>> &
  How & { readonly speaks?: Readonly<Record<string, string | Buffer>>; readonly client?: string };

/** A cluster of two brokers, whose first coordinates, with the topic `orders` of two partitions, and a clock. */
export class Scene {
  readonly cluster: ClusterModel;
  now = 0;

  constructor(settings: Partial<BrokerSettings> = {}) {
    this.cluster = new ClusterModel(newBrokers(2), { ...standardSettings, ...settings });
    this.cluster.createTopic('orders', 2);
  }

  /** Time goes by: what falls due happens at its time. */
  after(ms: number): this {
    const end = this.now + ms;
    for (let { due } = this.cluster; due <= end; { due } = this.cluster) {
      this.now = Math.max(this.now, due);
      this.cluster.tick(this.now);
    }
    this.now = end;
    this.cluster.tick(end);
    return this;
  }

  /** Sends a request; its answer has gone through the schema of its version, as over the wire. */
  ask<Q, R>(
    api: Api<Q, R>,
    request: Q,
    { version = api.upTo?.(request) ?? api.versions[1], node = 1, refusal = () => undefined }: How = {},
    client = 'c',
  ): Sent<R> {
    const served = groupServices.find((each) => each.api.key === api.key);
    if (served === undefined) throw new Error(`nobody serves ${api.name}`);
    const { cluster, now } = this;
    const reply = served.service({ cluster, node, version, request, now, clientId: client, refusal }) as Reply<R>;
    const sent = new Waiting(api, version, reply, this);
    this.after(0);
    return sent;
  }

  join({ version = 9, node, refusal, client, speaks = { range: 'm' }, ...given }: JoinOptions = {}): Sent<JoinGroupResponse> {
    const protocols = Object.entries(speaks).map(([name, metadata]) => ({
      name,
      metadata: typeof metadata === 'string' ? Buffer.from(metadata) : metadata,
    }));
    const request = { ...blankJoin, ...given, protocols };
    return this.ask(
      joinGroupApi,
      request,
      { version, ...(node === undefined ? {} : { node }), ...(refusal === undefined ? {} : { refusal }) },
      client,
    );
  }

  /** Becomes a member as clients do: asks for an id, and joins with it. */
  enter(options: JoinOptions = {}): Sent<JoinGroupResponse> & { readonly id: string } {
    const id = this.join(options).answer?.memberId ?? '';
    const joined = this.join({ ...options, memberId: id });
    return {
      id,
      get answer() {
        return joined.answer;
      },
    };
  }

  sync(
    memberId: string,
    generationId: number,
    assignments: Readonly<Record<string, string>> = {},
    more: Partial<SyncGroupRequest> & How = {},
  ): Sent<SyncGroupResponse> {
    const { version, node, refusal, ...rest } = more;
    const given = Object.entries(assignments).map(([id, assignment]) => ({ memberId: id, assignment: Buffer.from(assignment) }));
    const request = {
      groupId: 'g',
      generationId,
      memberId,
      groupInstanceId: null,
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: given,
      ...rest,
    };
    return this.ask(syncGroupApi, request, howOf({ version, node, refusal }));
  }

  /** The name of the error; undefined: none. */
  beat(memberId: string, generationId: number, groupInstanceId: string | null = null, groupId = 'g', how: How = {}): string | undefined {
    return errorOf(this.ask(heartbeatApi, { groupId, generationId, memberId, groupInstanceId }, how));
  }

  leave(memberId: string, groupInstanceId: string | null = null, version = 5): LeaveGroupResponse | undefined {
    const members = [{ memberId, groupInstanceId, reason: null }];
    return this.ask(leaveGroupApi, { groupId: 'g', memberId, members }, { version }).answer;
  }

  /** Commits one offset of orders/0, and tells the name of its error. */
  commit(
    memberId: string,
    generation: number,
    offset: number,
    more: Partial<OffsetCommitRequest> & How & { readonly metadata?: string | null } = {},
  ): string | undefined {
    const { version, node, refusal, metadata = null, ...rest } = more;
    const partitions = [{ partitionIndex: 0, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: metadata }];
    const request = {
      groupId: 'g',
      generationIdOrMemberEpoch: generation,
      memberId,
      groupInstanceId: null,
      retentionTimeMs: -1,
      topics: [{ name: 'orders', topicId: NO_ID, partitions }],
      ...rest,
    };
    return nameOf(this.ask(offsetCommitApi, request, howOf({ version, node, refusal })).answer?.topics[0]?.partitions[0]?.errorCode);
  }

  /** What a client is told of orders/0: the offset, or the name of the error. */
  committed(requireStable = false): number | string | undefined {
    const topics = [{ name: 'orders', topicId: NO_ID, partitionIndexes: [0] }];
    const groups = [{ groupId: 'g', memberId: null, memberEpoch: -1, topics }];
    const told = this.ask(offsetFetchApi, { groupId: 'g', topics, groups, requireStable }).answer?.groups[0]?.topics[0]?.partitions[0];
    return nameOf(told?.errorCode) ?? told?.committedOffset;
  }

  /** `Stable`. */
  get state(): string | undefined {
    return this.cluster.groups.get('g')?.state.kind;
  }

  get members(): readonly string[] {
    return [...(this.cluster.groups.get('g')?.members.keys() ?? [])];
  }

  /** A stable group of so many members, of which the first leads; `c-1` is assigned `c-1`. */
  stable(count: number, options: JoinOptions = {}): readonly string[] {
    const [first, ...others] = Array.from({ length: count }, () => this.enter(options).id);
    if (first === undefined) return [];
    if (others.length > 0) this.join({ ...options, memberId: first });
    const generation = this.cluster.groups.get('g')?.generation ?? -1;
    const ids = [first, ...others];
    this.sync(first, generation, Object.fromEntries(ids.map((id) => [id, id])));
    for (const id of others) this.sync(id, generation);
    return ids;
  }
}

const blankJoin: Omit<JoinGroupRequest, 'protocols'> = {
  groupId: 'g',
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 60_000,
  memberId: '',
  groupInstanceId: null,
  protocolType: 'consumer',
  reason: null,
};

/**
 * Looks at the reply as whoever drives the cluster does: first when it comes, then when the cluster has changed.
 * What could have been answered at once but is parked, or is answered without a change, would wait for ever: it throws.
 */
class Waiting<Q, R> implements Sent<R> {
  private readonly api: Api<Q, R>;
  private readonly version: number;
  private readonly reply: Reply<R>;
  private readonly scene: Scene;
  private seen: number | undefined;

  constructor(api: Api<Q, R>, version: number, reply: Reply<R>, scene: Scene) {
    this.api = api;
    this.version = version;
    this.reply = reply;
    this.scene = scene;
    if (reply.kind === 'later' && this.look(reply.ready) !== undefined) throw new Error('parked, with an answer');
  }

  get answer(): R | undefined {
    const { reply } = this;
    const answer = reply.kind === 'now' ? reply.response : reply.kind === 'later' ? this.look(reply.ready) : undefined;
    return answer === undefined ? undefined : this.overTheWire(answer);
  }

  private look(ready: (now: number) => R | undefined): R | undefined {
    const { now, cluster } = this.scene;
    const answer = ready(now);
    if (answer === undefined) this.seen = cluster.revision;
    else if (this.seen === cluster.revision) throw new Error('answered, and nobody is told');
    return answer;
  }

  private overTheWire(answer: R): R {
    const writer = new Writer();
    this.api.response.write(writer, answer, this.version);
    return this.api.response.read(new Reader(writer.finish()), this.version);
  }
}

function howOf(how: { readonly [K in keyof How]: How[K] | undefined }): How {
  return Object.fromEntries(Object.entries(how).filter(([, value]) => value !== undefined));
}

/** The name of an error code; undefined: no error, or no answer. */
export function nameOf(code: number | undefined): string | undefined {
  return code === undefined || code === 0 ? undefined : kafkaErrorOf(code).name;
}

/** The name of the error that was answered; undefined: none, or it is parked. */
export function errorOf(sent: Sent<{ readonly errorCode: number }>): string | undefined {
  return nameOf(sent.answer?.errorCode);
}

/** `1 led by c-1, of c-1 c-2`, the name of the error, or `parked`. */
export function words(sent: Sent<JoinGroupResponse>): string {
  const { answer } = sent;
  if (answer === undefined) return 'parked';
  const { generationId, leader, members, skipAssignment } = answer;
  const of = members.length === 0 ? '' : `, of ${members.map(({ memberId }) => memberId).join(' ')}`;
  return errorOf(sent) ?? `${String(generationId)} led by ${leader}${of}${skipAssignment ? ', not to assign' : ''}`;
}

/** The assignment, the name of the error, or `parked`. */
export function assigned(sent: Sent<SyncGroupResponse>): string {
  return sent.answer === undefined ? 'parked' : (errorOf(sent) ?? String(sent.answer.assignment));
}
