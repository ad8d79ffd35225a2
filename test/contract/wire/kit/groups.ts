import { findCoordinatorApi, findGroupCoordinator } from '../../../../src/protocol/apis/findCoordinator.ts';
import { heartbeatApi } from '../../../../src/protocol/apis/heartbeat.ts';
import { joinGroupApi, type JoinGroupRequest, type JoinGroupResponse } from '../../../../src/protocol/apis/joinGroup.ts';
import { leaveGroupApi, leaveOf, type LeaveGroupResponse } from '../../../../src/protocol/apis/leaveGroup.ts';
import { offsetCommitApi, type OffsetCommitRequest, type OffsetCommitResponse } from '../../../../src/protocol/apis/offsetCommit.ts';
import { syncGroupApi, type SyncGroupRequest, type SyncGroupResponse } from '../../../../src/protocol/apis/syncGroup.ts';
import { encodeSubscription } from '../../../../src/protocol/consumerProtocol.ts';
import { codeOf } from '../../../../src/errors/table.ts';
import { NO_ID } from './desk.ts';
import type { Line, Talk } from './talk.ts';

/** Where a member of a group stands, as it believes. */
export interface Standing {
  readonly memberId: string;
  readonly generationId: number;
}

export const nobody: Standing = { memberId: '', generationId: -1 };

interface JoinSettings {
  readonly version?: number;
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
  readonly protocolType?: string;
  readonly protocols?: readonly (readonly [name: string, metadata: string])[];
}

/** What a broker takes for the metadata of a consumer: it reads them, and gives no answer at all to some that are none. */
function subscription(text: string): Buffer {
  return encodeSubscription({ topics: [], userData: Buffer.from(text), ownedPartitions: [], generationId: -1, rackId: null });
}

/** A client that speaks to the coordinator of one group over a connection of its own: what it says is noted under its name. */
export class Client {
  readonly name: string;
  readonly line: Line;
  readonly groupId: string;
  readonly instanceId: string | null;
  readonly #talk: Talk;
  standing: Standing = nobody;

  private constructor(talk: Talk, line: Line, name: string, groupId: string, instanceId: string | null) {
    this.#talk = talk;
    this.line = line;
    this.name = name;
    this.groupId = groupId;
    this.instanceId = instanceId;
  }

  static async open(talk: Talk, groupId: string, name: string, instanceId: string | null = null): Promise<Client> {
    const seed = await talk.line();
    const found = await talk.until(
      'the group has a coordinator',
      () => seed.quietly(findCoordinatorApi, findGroupCoordinator(groupId), 4),
      ({ coordinators: [first] }) => first?.errorCode === 0,
    );
    const line = await talk.line(found.coordinators[0]);
    seed.close();
    const client = new Client(talk, line, name, groupId, instanceId);
    const loading = ['COORDINATOR_LOAD_IN_PROGRESS', 'NOT_COORDINATOR'].map(codeOf);
    await talk.until(
      'the coordinator has loaded its groups',
      () => line.quietly(joinGroupApi, { ...client.joinRequest(), sessionTimeoutMs: 1, protocolType: '' }),
      ({ errorCode }) => !loading.includes(errorCode),
    );
    return client;
  }

  joinRequest(settings: JoinSettings = {}, standing: Standing = this.standing): JoinGroupRequest {
    const {
      sessionTimeoutMs = 10_000,
      rebalanceTimeoutMs = 5_000,
      protocolType = 'consumer',
      protocols = [['range', `of ${this.name}`]],
    } = settings;
    return {
      groupId: this.groupId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      memberId: standing.memberId,
      groupInstanceId: this.instanceId,
      protocolType,
      protocols: protocols.map(([name, metadata]) => ({ name, metadata: subscription(metadata) })),
      reason: null,
    };
  }

  /** Joins; takes the member id that it is told to take, and believes what it is answered. */
  async join(settings: JoinSettings = {}, what = 'joins'): Promise<JoinGroupResponse> {
    const title = `${this.name} ${what}`;
    let answer = await this.line.ask(title, joinGroupApi, this.joinRequest(settings), settings.version);
    if (answer.errorCode === codeOf('MEMBER_ID_REQUIRED')) {
      this.standing = { memberId: answer.memberId, generationId: -1 };
      answer = await this.line.ask(`${title} with that member id`, joinGroupApi, this.joinRequest(settings), settings.version);
    }
    if (answer.errorCode === 0) this.standing = { memberId: answer.memberId, generationId: answer.generationId };
    return answer;
  }

  syncRequest(assignments: readonly (readonly [Client, string])[] = [], standing: Standing = this.standing): SyncGroupRequest {
    return {
      groupId: this.groupId,
      ...standing,
      groupInstanceId: this.instanceId,
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: assignments.map(([client, text]) => ({ memberId: client.standing.memberId, assignment: Buffer.from(text) })),
    };
  }

  sync(assignments: readonly (readonly [Client, string])[] = [], what = 'syncs', version?: number): Promise<SyncGroupResponse> {
    return this.line.ask(`${this.name} ${what}`, syncGroupApi, this.syncRequest(assignments), version);
  }

  heartbeat(what = 'beats', standing: Standing = this.standing, version?: number): Promise<unknown> {
    return this.line.ask(
      `${this.name} ${what}`,
      heartbeatApi,
      { groupId: this.groupId, ...standing, groupInstanceId: this.instanceId },
      version,
    );
  }

  /** Beats until it is told of a rebalance: then who has joined meanwhile is known to the coordinator. */
  async hearsOfRebalance(): Promise<void> {
    const request = { groupId: this.groupId, ...this.standing, groupInstanceId: this.instanceId };
    const answer = await this.#talk.until(
      `${this.name} hears of a rebalance`,
      () => this.line.quietly(heartbeatApi, request),
      ({ errorCode }) => errorCode !== 0,
    );
    this.#talk.note(`${this.name} hears of it`, answer);
  }

  leave(what = 'leaves', standing: Standing = this.standing, version?: number): Promise<LeaveGroupResponse> {
    const member = { memberId: standing.memberId, groupInstanceId: this.instanceId, reason: null };
    return this.line.ask(`${this.name} ${what}`, leaveGroupApi, leaveOf(this.groupId, member), version);
  }

  commitRequest(
    topic: string,
    offset: number,
    standing: Standing = this.standing,
    partition = 0,
    metadata: string | null = '',
  ): OffsetCommitRequest {
    const partitions = [{ partitionIndex: partition, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: metadata }];
    return {
      groupId: this.groupId,
      generationIdOrMemberEpoch: standing.generationId,
      memberId: standing.memberId,
      groupInstanceId: this.instanceId,
      retentionTimeMs: -1,
      topics: [{ name: topic, topicId: NO_ID, partitions }],
    };
  }

  commit(
    what: string,
    ...[topic, offset, standing, partition, metadata]: Parameters<Client['commitRequest']>
  ): Promise<OffsetCommitResponse> {
    return this.line.ask(`${this.name} ${what}`, offsetCommitApi, this.commitRequest(topic, offset, standing, partition, metadata));
  }
}
