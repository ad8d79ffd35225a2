import { Observable, of, timer, type SchedulerLike, type Subscriber, type Subscription } from 'rxjs';
import { codeOf } from '../../../src/errors/table.ts';
import type { HeartbeatRequest, HeartbeatResponse } from '../../../src/protocol/apis/heartbeat.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../../../src/protocol/apis/joinGroup.ts';
import type { LeaveGroupRequest, LeaveGroupResponse } from '../../../src/protocol/apis/leaveGroup.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../../../src/protocol/apis/syncGroup.ts';

interface Member {
  readonly id: string;
  request: JoinGroupRequest;
  join: Subscriber<JoinGroupResponse> | undefined;
  sync: Subscriber<SyncGroupResponse> | undefined;
}

type State = 'empty' | 'preparing' | 'completing' | 'stable';

/** The coordinator's side of one group, by the classic protocol, without static members: members `m1`, `m2`, … join, and the first of them leads. */
export class ScriptedGroup {
  generation = 0;
  state: State = 'empty';
  /** How long the first member of an empty group waits for others, ms (`group.initial.rebalance.delay.ms`). */
  initialDelay = 0;
  private readonly scheduler: SchedulerLike;
  private readonly members = new Map<string, Member>();
  /** Ids that nobody has joined with yet. */
  private readonly given = new Set<string>();
  private count = 0;
  private assignments = new Map<string, Buffer>();
  private patience: Subscription | undefined;

  constructor(scheduler: SchedulerLike) {
    this.scheduler = scheduler;
  }

  /** Asks all members to join again. */
  rebalance(): void {
    if (this.state === 'preparing' || this.members.size === 0) return;
    for (const member of this.members.values()) {
      member.sync?.next(synced('REBALANCE_IN_PROGRESS'));
      member.sync?.complete();
      member.sync = undefined;
    }
    this.prepare(Math.max(...[...this.members.values()].map(({ request }) => request.rebalanceTimeoutMs)));
  }

  /** Forgets all members: what they say next is answered with UNKNOWN_MEMBER_ID. */
  evict(): void {
    this.members.clear();
    this.patience?.unsubscribe();
    this.state = 'empty';
  }

  join(request: JoinGroupRequest): Observable<JoinGroupResponse> {
    const { memberId } = request;
    if (memberId === '') return of(joined(request, { errorCode: codeOf('MEMBER_ID_REQUIRED'), memberId: this.give() }));
    if (!this.members.has(memberId) && !this.given.delete(memberId)) return of(joined(request, { errorCode: codeOf('UNKNOWN_MEMBER_ID') }));
    return new Observable((join) => {
      const member = this.members.get(memberId) ?? { id: memberId, request, join, sync: undefined };
      member.request = request;
      member.join = join;
      const first = this.members.size === 0;
      this.members.set(memberId, member);
      if (first && this.initialDelay > 0) this.prepare(this.initialDelay);
      else {
        const waiting = this.state === 'preparing' && this.generation === 0 && this.initialDelay > 0;
        this.rebalance();
        if (!waiting) this.completeIfAll();
      }
    });
  }

  sync({ memberId, generationId, assignments }: SyncGroupRequest): Observable<SyncGroupResponse> {
    const error = this.refusal(memberId, generationId) ?? (this.state === 'preparing' ? 'REBALANCE_IN_PROGRESS' : undefined);
    if (error !== undefined) return of(synced(error));
    return new Observable((sync) => {
      const member = this.members.get(memberId);
      if (member === undefined) return;
      member.sync = sync;
      if (assignments.length > 0) {
        this.assignments = new Map(assignments.map((each) => [each.memberId, each.assignment]));
        this.state = 'stable';
      }
      if (this.state === 'stable') this.handOut();
    });
  }

  heartbeat({ memberId, generationId }: HeartbeatRequest): Observable<HeartbeatResponse> {
    const error = this.refusal(memberId, generationId) ?? (this.state === 'preparing' ? 'REBALANCE_IN_PROGRESS' : 'NONE');
    return of({ throttleTimeMs: 0, errorCode: codeOf(error) });
  }

  leave({ memberId }: LeaveGroupRequest): Observable<LeaveGroupResponse> {
    const known = this.members.delete(memberId);
    if (this.members.size === 0) this.evict();
    else if (known) {
      this.rebalance();
      this.completeIfAll();
    }
    return of({ throttleTimeMs: 0, errorCode: known ? 0 : codeOf('UNKNOWN_MEMBER_ID'), members: [] });
  }

  /** Why a commit under that membership is refused; undefined: it is not. */
  refusesCommit(memberId: string, generation: number): string | undefined {
    if (generation < 0 && this.members.size === 0) return undefined;
    return this.refusal(memberId, generation) ?? (this.state === 'completing' ? 'REBALANCE_IN_PROGRESS' : undefined);
  }

  private refusal(memberId: string, generation: number): string | undefined {
    if (!this.members.has(memberId)) return 'UNKNOWN_MEMBER_ID';
    return generation === this.generation ? undefined : 'ILLEGAL_GENERATION';
  }

  private give(): string {
    const id = `m${String(++this.count)}`;
    this.given.add(id);
    return id;
  }

  private prepare(wait: number): void {
    this.state = 'preparing';
    this.patience = timer(wait, this.scheduler).subscribe(() => this.complete());
  }

  private completeIfAll(): void {
    if ([...this.members.values()].every(({ join }) => join !== undefined)) this.complete();
  }

  /** Those who have joined are the next generation; the others are out. */
  private complete(): void {
    this.patience?.unsubscribe();
    for (const { id, join } of [...this.members.values()]) if (join === undefined) this.members.delete(id);
    const [leader] = this.members.values();
    if (leader === undefined) return;
    this.generation++;
    this.state = 'completing';
    const all = [...this.members.values()];
    const metadata = all.map(({ id, request }) => ({
      memberId: id,
      groupInstanceId: null,
      metadata: request.protocols[0]?.metadata ?? Buffer.alloc(0),
    }));
    for (const member of all) {
      const { join, id, request } = member;
      member.join = undefined;
      const members = member === leader ? metadata : [];
      join?.next(joined(request, { generationId: this.generation, leader: leader.id, memberId: id, members }));
      join?.complete();
    }
  }

  private handOut(): void {
    for (const member of this.members.values()) {
      const { sync } = member;
      member.sync = undefined;
      sync?.next({ ...synced('NONE'), assignment: this.assignments.get(member.id) ?? Buffer.alloc(0) });
      sync?.complete();
    }
  }
}

function joined({ protocols, memberId }: JoinGroupRequest, rest: Partial<JoinGroupResponse>): JoinGroupResponse {
  const protocolName = protocols[0]?.name ?? '';
  const nothing = {
    throttleTimeMs: 0,
    errorCode: 0,
    generationId: -1,
    protocolType: 'consumer',
    leader: '',
    skipAssignment: false,
    members: [],
  };
  return { ...nothing, protocolName, memberId, ...rest };
}

function synced(error: string): SyncGroupResponse {
  return { throttleTimeMs: 0, errorCode: codeOf(error), protocolType: 'consumer', protocolName: 'range', assignment: Buffer.alloc(0) };
}
