import type { JoinGroupRequest, JoinGroupResponse } from '../../../protocol/apis/joinGroup.ts';
import type { Call, Service } from '../call.ts';
import { now } from '../reply.ts';
import { joinAt, joinError, joinOf, syncError } from './answers.ts';
import type { Group } from './group.ts';
import { answerJoin, answerSync, nothing, touch, type Member, type Parked } from './member.ts';
import { misplaced, whenAnswered } from './placed.ts';
import { areSame } from './protocols.ts';
import { completeIfAllJoined, prepare, rebalance, type Moment } from './rebalance.ts';

/** For how long a JoinGroup of a new member is parked, in ms: then it is told UNKNOWN_MEMBER_ID, and may try again. */
const NEW_MEMBER_PATIENCE = 300_000;

/** A JoinGroup that is let in. */
interface Joining {
  readonly group: Group;
  readonly request: JoinGroupRequest;
  readonly version: number;
  readonly clientId: string;
  readonly moment: Moment;
  readonly parked: Parked<JoinGroupResponse>;
}

export const joinGroup: Service<JoinGroupRequest, JoinGroupResponse> = (call) => {
  const shape = (response: JoinGroupResponse): JoinGroupResponse => joinAt(call.version, response);
  const refused = refusalOf(call);
  if (refused !== undefined) return now(shape(refused));
  const { cluster, request, version, clientId } = call;
  const { groups } = cluster;
  const moment = groups.moment(call.now);
  const group = request.memberId === '' ? groups.open(request.groupId) : groups.get(request.groupId);
  const parked: Parked<JoinGroupResponse> = { answer: undefined };
  const joining = { group, request: timed(request, version), version, clientId, moment, parked };
  if (group === undefined) parked.answer = joinError('UNKNOWN_MEMBER_ID', request.memberId);
  else join({ ...joining, group }, (of) => groups.newId(of));
  cluster.changed();
  return whenAnswered(call, parked, joinError('NOT_COORDINATOR', request.memberId), shape);
};

function refusalOf(call: Call<JoinGroupRequest>): JoinGroupResponse | undefined {
  const { groupId, sessionTimeoutMs, memberId } = call.request;
  const { groupMinSessionTimeout, groupMaxSessionTimeout } = call.cluster.settings;
  const refusal = call.refusal();
  if (refusal !== undefined) return joinError(refusal, memberId);
  if (groupId === '') return joinError('INVALID_GROUP_ID', memberId);
  if (sessionTimeoutMs < groupMinSessionTimeout || sessionTimeoutMs > groupMaxSessionTimeout)
    return joinError('INVALID_SESSION_TIMEOUT', memberId);
  const elsewhere = misplaced(call);
  return elsewhere === undefined ? undefined : joinError(elsewhere);
}

/** Version 0 has one time for both. */
function timed(request: JoinGroupRequest, version: number): JoinGroupRequest {
  return version === 0 ? { ...request, rebalanceTimeoutMs: request.sessionTimeoutMs } : request;
}

function join(joining: Joining, newId: (of: string) => string): void {
  const { group, request, parked } = joining;
  const { memberId, groupInstanceId, protocolType, protocols } = request;
  if (!group.supports(protocolType, protocols)) {
    parked.answer = joinError('INCONSISTENT_GROUP_PROTOCOL', memberId);
  } else if (memberId === '') {
    joinNew(joining, newId(groupInstanceId ?? joining.clientId));
  } else if (group.given.has(memberId)) {
    // Ids are given to members without an instance only: a broker stumbles over this.
    if (groupInstanceId === null) add(joining, memberId);
    else parked.answer = joinError('UNKNOWN_SERVER_ERROR');
  } else {
    joinAgain(joining);
  }
}

function joinNew(joining: Joining, id: string): void {
  const { group, request, version, moment, parked } = joining;
  const held = group.members.get(group.idOf(request.groupInstanceId) ?? '');
  if (held !== undefined) {
    takeOver(joining, held, id);
  } else if (request.groupInstanceId === null && version >= 4) {
    group.given.set(id, moment.now + request.sessionTimeoutMs);
    parked.answer = joinError('MEMBER_ID_REQUIRED', id);
  } else {
    add(joining, id);
  }
}

function add({ group, request, clientId, moment, parked }: Joining, id: string): void {
  const member: Member = {
    id,
    instanceId: request.groupInstanceId,
    clientId,
    rebalanceTimeout: request.rebalanceTimeoutMs,
    sessionTimeout: request.sessionTimeoutMs,
    protocols: request.protocols,
    assignment: nothing,
    isNew: true,
    expires: moment.now + NEW_MEMBER_PATIENCE,
    join: parked,
    sync: undefined,
  };
  group.add(member, request.protocolType);
  group.move({ kind: 'added' });
  rebalance(group, moment);
}

function update({ request, parked }: Joining, member: Member): void {
  member.protocols = request.protocols;
  member.rebalanceTimeout = request.rebalanceTimeoutMs;
  member.sessionTimeout = request.sessionTimeoutMs;
  member.join = parked;
}

/** Who is in the generation already and brings nothing new is told of it again; all others, and a leader of a stable group, want another one. */
function joinAgain(joining: Joining): void {
  const { group, request, moment, parked } = joining;
  const { memberId } = request;
  const error = group.strangeness(memberId, request.groupInstanceId);
  const member = group.members.get(memberId);
  const { kind } = group.state;
  if (error !== undefined || member === undefined) {
    parked.answer = joinError(error ?? 'UNKNOWN_MEMBER_ID', memberId);
  } else if (isContent(joining, member) && (kind === 'CompletingRebalance' || (kind === 'Stable' && group.leader !== memberId))) {
    parked.answer = joinOf(group, memberId);
  } else {
    update(joining, member);
    rebalance(group, moment);
  }
}

function isContent({ request }: Joining, member: Member): boolean {
  return areSame(request.protocols, member.protocols);
}

/** A static member comes back (KIP-345): it takes over what it had, under another id, without a rebalance if it can be done. */
function takeOver(joining: Joining, old: Member, id: string): void {
  const { group, moment, version } = joining;
  const ledBy = group.leader ?? '';
  answerJoin(old, joinError('FENCED_INSTANCE_ID', old.id));
  answerSync(old, syncError('FENCED_INSTANCE_ID'));
  const member = group.replace(old, id);
  touch(member, moment.now);
  update(joining, member);
  if (group.state.kind === 'PreparingRebalance') {
    completeIfAllJoined(group, moment);
  } else if (group.state.kind === 'CompletingRebalance' || group.elected() !== group.protocolName) {
    // The leader was told the old id: what it assigns to that would reach nobody.
    prepare(group, moment);
  } else {
    group.keep();
    const answer = joinOf(group, id);
    // KIP-814: a leader that kept its id can tell that it leads, and is asked not to assign; before it is not even told.
    answerJoin(member, version >= 9 ? { ...answer, skipAssignment: group.leader === id } : { ...answer, leader: ledBy, members: [] });
  }
}
