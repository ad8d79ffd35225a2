import type { JoinGroupRequestProtocol, JoinGroupResponseMember } from '../../../protocol/apis/joinGroup.ts';
import { empty, endOf, transition, type GroupEvent, type GroupState } from './groupState.ts';
import { touch, type Member, type MemberFacts, nothing } from './member.ts';
import { elect, haveInCommon } from './protocols.ts';

/** What the coordinator's log keeps of a group: its last assignment, or that it is empty. */
export interface GroupFacts {
  readonly generation: number;
  readonly protocolType: string | undefined;
  readonly protocolName: string | undefined;
  readonly leader: string | undefined;
  readonly members: readonly MemberFacts[];
}

const unknown: GroupFacts = { generation: 0, protocolType: undefined, protocolName: undefined, leader: undefined, members: [] };

/** One group: its state, and who is in it. What happens to it over time is in rebalance.ts. */
export class Group {
  readonly id: string;
  state: GroupState;
  generation: number;
  protocolType: string | undefined;
  protocolName: string | undefined;
  /** Its member id; until the next generation it may be that of one who has gone. */
  leader: string | undefined;
  readonly members: Map<string, Member> = new Map();
  /** Member ids that were given and not used yet (KIP-394), and when they are forgotten. */
  readonly given: Map<string, number> = new Map();
  /** Who has not asked for its assignment in this generation. */
  readonly unsynced: Set<string> = new Set();
  /** What another coordinator would find of it. */
  kept: GroupFacts;

  /** A group as the log has it: its members' sessions begin at `now`. */
  constructor(id: string, kept: GroupFacts = unknown, now = 0) {
    this.id = id;
    this.kept = kept;
    ({ generation: this.generation, protocolType: this.protocolType, protocolName: this.protocolName, leader: this.leader } = kept);
    this.state = kept.members.length === 0 ? empty : { kind: 'Stable', until: Infinity };
    for (const facts of kept.members) this.members.set(facts.id, memberOf(facts, now));
  }

  /** When something in it runs out. */
  get due(): number {
    let due = endOf(this.state);
    for (const { expires } of this.members.values()) due = Math.min(due, expires);
    for (const expires of this.given.values()) due = Math.min(due, expires);
    return due;
  }

  move(event: GroupEvent): void {
    this.state = transition(this.state, event);
  }

  /** The rebalance timeout of the most patient member, in ms. */
  get rebalanceTimeout(): number {
    return Math.max(0, ...[...this.members.values()].map(({ rebalanceTimeout }) => rebalanceTimeout));
  }

  /** Whether all that are known, and all that were given an id, have joined. */
  get complete(): boolean {
    return this.given.size === 0 && [...this.members.values()].every(({ join }) => join !== undefined);
  }

  /** Whether a member with these protocols fits in. */
  supports(protocolType: string, protocols: readonly JoinGroupRequestProtocol[]): boolean {
    if (this.state.kind === 'Empty') return protocolType !== '' && protocols.length > 0;
    return this.protocolType === protocolType && haveInCommon(protocols, this.spoken);
  }

  /** The protocol that the members would choose now. */
  elected(): string | undefined {
    return elect(this.spoken);
  }

  /** The member id that an instance has now. */
  idOf(instanceId: string | null): string | undefined {
    if (instanceId === null) return undefined;
    return [...this.members.values()].find((member) => member.instanceId === instanceId)?.id;
  }

  add(member: Member, protocolType: string): void {
    if (this.members.size === 0) this.protocolType = protocolType;
    this.members.set(member.id, member);
    this.given.delete(member.id);
  }

  /** The instance goes on under another id: in the place of the old one, as leader where that led. */
  replace(old: Member, id: string): Member {
    const member: Member = { ...old, id, isNew: false, join: undefined, sync: undefined };
    this.members.delete(old.id);
    this.members.set(id, member);
    if (this.leader === old.id) this.leader = id;
    return member;
  }

  /** The error for one who says that it is this member. */
  strangeness(memberId: string, instanceId: string | null): string | undefined {
    if (instanceId !== null) {
      const holder = this.idOf(instanceId);
      if (holder === undefined) return 'UNKNOWN_MEMBER_ID';
      if (holder !== memberId) return 'FENCED_INSTANCE_ID';
    }
    return this.members.has(memberId) ? undefined : 'UNKNOWN_MEMBER_ID';
  }

  /** What the leader is told of all, itself included. */
  roster(): readonly JoinGroupResponseMember[] {
    return [...this.members.values()].map(({ id, instanceId, protocols }) => ({
      memberId: id,
      groupInstanceId: instanceId,
      metadata: protocols.find(({ name }) => name === this.protocolName)?.metadata ?? nothing,
    }));
  }

  /** Writes down what it is now. */
  keep(): void {
    const { generation, protocolType, protocolName, leader } = this;
    const members = [...this.members.values()].map((member) => factsOf(member, protocolName));
    this.kept = { generation, protocolType, protocolName, leader, members };
  }

  private get spoken(): readonly (readonly JoinGroupRequestProtocol[])[] {
    return [...this.members.values()].map(({ protocols }) => protocols);
  }
}

function memberOf(facts: MemberFacts, now: number): Member {
  const member: Member = { ...facts, isNew: false, expires: Infinity, join: undefined, sync: undefined };
  touch(member, now);
  return member;
}

/** Of a member's protocols the log has the chosen one only. */
function factsOf(
  { id, instanceId, clientId, rebalanceTimeout, sessionTimeout, protocols, assignment }: Member,
  chosen: string | undefined,
): MemberFacts {
  const kept = protocols.filter(({ name }) => name === chosen);
  return { id, instanceId, clientId, rebalanceTimeout, sessionTimeout, protocols: kept, assignment };
}
