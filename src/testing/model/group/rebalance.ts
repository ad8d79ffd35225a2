import { joinError, joinOf, syncError, syncOf } from './answers.ts';
import type { Group } from './group.ts';
import type { GroupState } from './groupState.ts';
import { answerJoin, answerSync, nothing, touch, type Member } from './member.ts';

/** When something happens to a group, and what the broker is set to. Ms. */
export interface Moment {
  readonly now: number;
  /** `group.initial.rebalance.delay.ms`. */
  readonly initialDelay: number;
}

/** A member came, left, or changed: a rebalance begins, or goes on. */
export function rebalance(group: Group, moment: Moment): void {
  if (group.state.kind === 'PreparingRebalance') completeIfAllJoined(group, moment);
  else prepare(group, moment);
}

/** Members are told to come together. An empty group gives more of them time to come; else it ends as soon as all have come. */
export function prepare(group: Group, moment: Moment): void {
  const { now, initialDelay } = moment;
  if (group.state.kind === 'CompletingRebalance') {
    for (const member of group.members.values()) member.assignment = nothing;
    for (const member of group.members.values()) if (answerSync(member, syncError('REBALANCE_IN_PROGRESS'))) touch(member, now);
  }
  group.unsynced.clear();
  if (group.state.kind === 'Empty') {
    const remaining = Math.max(group.rebalanceTimeout - initialDelay, 0);
    group.move({ kind: 'prepare', until: now + initialDelay, initial: { delay: initialDelay, remaining, newcomer: false } });
    return;
  }
  group.move({ kind: 'prepare', until: now + group.rebalanceTimeout, initial: undefined });
  if (group.complete) completeJoin(group, moment);
}

/** The first rebalance of an empty group ends by its delay only. */
export function completeIfAllJoined(group: Group, moment: Moment): void {
  const { state } = group;
  if (state.kind === 'PreparingRebalance' && state.initial === undefined && group.complete) completeJoin(group, moment);
}

/** The next generation: of those who have joined, and of static members, who may stay away until their session ends. */
export function completeJoin(group: Group, { now }: Moment): void {
  for (const { id, join, instanceId } of [...group.members.values()])
    if (join === undefined && instanceId === null) group.members.delete(id);
  if (group.members.size === 0) {
    group.generation++;
    group.move({ kind: 'emptied' });
    group.keep();
    return;
  }
  if (!leadByOneWhoJoined(group)) {
    // Nobody came: sessions run out in the meantime. A wait of nothing would never end.
    group.move({ kind: 'prolong', until: now + Math.max(group.rebalanceTimeout, 1), initial: undefined });
    return;
  }
  group.generation++;
  group.protocolName = group.elected();
  group.move({ kind: 'joined', until: now + group.rebalanceTimeout });
  for (const member of group.members.values()) {
    answerJoin(member, joinOf(group, member.id));
    touch(member, now);
    member.isNew = false;
    group.unsynced.add(member.id);
  }
}

function leadByOneWhoJoined(group: Group): boolean {
  if (group.leader !== undefined && group.members.get(group.leader)?.join !== undefined) return true;
  const successor = [...group.members.values()].find(({ join }) => join !== undefined);
  if (successor === undefined) return false;
  group.leader = successor.id;
  return true;
}

/** The leader's assignment is here: whoever waits for its own is told it. */
export function assign(group: Group, assignments: ReadonlyMap<string, Buffer>, now: number): void {
  for (const member of group.members.values()) {
    member.assignment = assignments.get(member.id) ?? nothing;
    if (answerSync(member, syncOf(group, member.assignment))) touch(member, now);
  }
  group.move({ kind: 'assigned' });
  group.keep();
}

/** A member has asked for its assignment. */
export function synced(group: Group, memberId: string): void {
  group.unsynced.delete(memberId);
  if (group.unsynced.size === 0) group.move({ kind: 'synced' });
}

/** A member goes. Its parked JoinGroup is answered; a parked SyncGroup of it never is. The others' rebalance is another step. */
export function dismiss(group: Group, member: Member): void {
  answerJoin(member, joinError('UNKNOWN_MEMBER_ID'));
  group.members.delete(member.id);
}

/** What runs out in the group by `moment.now` happens: given ids, sessions, then the state. */
export function runOut(group: Group, moment: Moment): void {
  const { now } = moment;
  for (const [id, expires] of [...group.given]) {
    if (expires > now) continue;
    group.given.delete(id);
    if (group.state.kind === 'PreparingRebalance' && group.complete) completeJoin(group, moment);
  }
  for (const member of [...group.members.values()]) if (member.expires <= now) expire(group, member, moment);
  if (group.state.kind !== 'Empty' && group.state.kind !== 'Dead' && group.state.until <= now) endState(group, group.state, moment);
}

/** The session of a member is over. Who waits for the coordinator is alive: its next session begins with the answer. */
function expire(group: Group, member: Member, moment: Moment): void {
  member.expires = Infinity;
  if (!member.isNew && (member.join !== undefined || member.sync !== undefined)) return;
  dismiss(group, member);
  if (group.state.kind === 'Stable' || group.state.kind === 'CompletingRebalance') prepare(group, moment);
  else if (group.state.kind === 'PreparingRebalance' && group.complete) completeJoin(group, moment);
}

function endState(group: Group, state: Exclude<GroupState, { kind: 'Empty' | 'Dead' }>, moment: Moment): void {
  if (state.kind !== 'PreparingRebalance') {
    for (const id of [...group.unsynced]) group.members.delete(id);
    prepare(group, moment);
    return;
  }
  const { initial } = state;
  if (initial === undefined || !initial.newcomer || initial.remaining === 0) {
    completeJoin(group, moment);
    return;
  }
  const delay = Math.min(moment.initialDelay, initial.remaining);
  const remaining = Math.max(initial.remaining - initial.delay, 0);
  group.move({ kind: 'prolong', until: moment.now + delay, initial: { delay, remaining, newcomer: false } });
}
