import { assignedPartitions } from '../../../src/group/messages.ts';
import { partitionKey } from '../../../src/model/topicPartition.ts';
import type { Settings } from '../../../src/options/settings.ts';
import type { HeartbeatRequest } from '../../../src/protocol/apis/heartbeat.ts';
import type { JoinGroupResponse } from '../../../src/protocol/apis/joinGroup.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../../../src/protocol/apis/syncGroup.ts';
import type { Refusal } from './codes.ts';

const evictions = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']);

/**
 * What a consumer may take for its own, by what it has sent and been told: in a group, from the answer to a SyncGroup until it joins again (eager) or the
 * next one takes it away (cooperative), it leaves, or is told that it is not a member any more.
 */
export class Standing {
  /** Keys of partitions. */
  owned: ReadonlySet<string>;
  /** Taken away by the last assignment, and to be given up by the next join: committed still, and not delivered any more. */
  releasing: ReadonlySet<string> = new Set();
  /** It keeps what it has while it joins. */
  readonly cooperative: boolean;
  generation = -1;
  memberId = '';
  /** It makes the assignment, and again when the partitions of the topics have changed. */
  leads = false;
  /** When a rebalance of this generation was heard of, ms; undefined: none. */
  rebalanceAt: number | undefined;
  /** When it was told that it is not a member any more, or sent a join, ms. */
  outsideSince = 0;
  /** When the present assignment came, ms. */
  since = 0;
  /** When the last request was sent that proved that it is alive: its session counts from there, ms. */
  aliveAt: number = -Infinity;
  /** The same, and no rebalance was under way. */
  calmAt: number = -Infinity;
  private readonly isMember: boolean;
  /** From the JoinGroup to the answer of the SyncGroup. */
  private rebalancing = false;
  /** It is about to join, and tells so: it has not come as far as a request. */
  private joining = false;

  constructor({ mode }: Settings) {
    this.isMember = mode.kind === 'group';
    this.cooperative = mode.kind === 'group' && mode.assignors.every(({ protocol }) => protocol === 'cooperative');
    this.owned = new Set(mode.kind === 'manual' ? mode.partitions.map(({ topic, partition }) => partitionKey(topic, partition)) : []);
  }

  /** Whether it holds an assignment of its group. */
  get stable(): boolean {
    return this.isMember && this.outsideSince < 0;
  }

  sent(api: string, at: number): void {
    if (api === 'JoinGroup' && this.cooperative) this.joins();
    else if (api === 'JoinGroup' || api === 'LeaveGroup') this.leave(at);
  }

  /** A join has failed, whatever of it, and is made again. */
  joinsAgain(): void {
    this.joining = true;
  }

  heard(api: string, request: unknown, response: unknown, refusals: readonly Refusal[], sentAt: number, at: number): void {
    if (!this.isMember) return;
    const names = refusals.map(({ name }) => name);
    if (api === 'JoinGroup') this.joined(names, response as JoinGroupResponse, at);
    if (api === 'SyncGroup' && names.some((name) => this.evicts(name))) this.leave(at);
    if (api === 'SyncGroup' && names.length === 0) this.synced(request as SyncGroupRequest, response as SyncGroupResponse, sentAt, at);
    if (api === 'Heartbeat' && names.length === 0) this.calmAt = Math.max(this.calmAt, sentAt);
    // Also while the answer to a SyncGroup is on its way.
    if (
      api === 'Heartbeat' &&
      names.every((name) => name === 'REBALANCE_IN_PROGRESS' || (name === 'ILLEGAL_GENERATION' && !this.evicts(name)))
    )
      this.aliveAt = Math.max(this.aliveAt, sentAt);
    if (api !== 'Heartbeat' && api !== 'OffsetCommit') return;
    if (!this.stable || this.generationOf(api, request) !== this.generation) return;
    if (names.some((name) => this.evicts(name))) this.leave(at);
    // A commit between a join and its sync is refused by that.
    if (api === 'Heartbeat' && !this.rebalancing && names.includes('REBALANCE_IN_PROGRESS')) this.rebalanceAt ??= at;
  }

  /** Between two assignments the group may have gone on with it, or a new coordinator know of the generation before only. */
  private evicts(name: string): boolean {
    return evictions.has(name) && !(this.cooperative && (this.rebalancing || this.joining) && name === 'ILLEGAL_GENERATION');
  }

  private generationOf(api: string, request: unknown): number {
    if (api === 'Heartbeat') return (request as HeartbeatRequest).generationId;
    return (request as { readonly generationIdOrMemberEpoch: number }).generationIdOrMemberEpoch;
  }

  private synced({ generationId, memberId }: SyncGroupRequest, { assignment }: SyncGroupResponse, sentAt: number, at: number): void {
    const before = this.owned;
    this.owned = new Set(assignedPartitions(assignment).map(({ topic, partition }) => partitionKey(topic, partition)));
    this.releasing = new Set(this.cooperative ? [...before, ...this.releasing].filter((key) => !this.owned.has(key)) : []);
    this.generation = generationId;
    this.memberId = memberId;
    this.rebalanceAt = undefined;
    this.rebalancing = this.joining = false;
    this.outsideSince = -1;
    this.since = at;
    this.calmAt = Math.max(this.calmAt, sentAt);
    this.aliveAt = Math.max(this.aliveAt, sentAt);
  }

  private joins(): void {
    this.rebalancing = true;
    this.rebalanceAt = undefined;
    this.releasing = new Set();
  }

  private joined(refusals: readonly string[], { leader, memberId, generationId }: JoinGroupResponse, at: number): void {
    if (refusals.some((name) => evictions.has(name))) this.leave(at);
    if (refusals.length > 0) return;
    // What was heard while it was parked was of the rebalance that it came for.
    this.rebalanceAt = undefined;
    this.leads = leader === memberId;
    if (!this.cooperative || !this.stable) return;
    this.generation = generationId;
    this.since = at;
  }

  private leave(at: number): void {
    if (!this.isMember) return;
    this.owned = new Set();
    this.releasing = new Set();
    this.rebalanceAt = undefined;
    if (this.stable) this.outsideSince = at;
  }
}
