import {
  concatMap,
  defer,
  ignoreElements,
  map,
  merge,
  type Observable,
  repeat,
  ReplaySubject,
  retry,
  share,
  take,
  takeUntil,
  throwError,
  timer,
} from 'rxjs';
import { backoffDelay } from '../cluster/backoff.ts';
import { faultOf, type GroupFault } from './errors.ts';
import { generation } from './generation.ts';
import type { GroupHost, GroupMembership } from './host.ts';
import { join } from './join.ts';
import { farewell } from './leave.ts';
import { createMember, type Member } from './member.ts';
import { holdsAssignment } from './membershipState.ts';

/** A member of a group, by the classic protocol (JoinGroup, SyncGroup, Heartbeat, LeaveGroup). Nothing is sent before `run` is subscribed. */
export function createMembership(host: GroupHost): GroupMembership {
  const member = createMember(host);
  // Replayed: who leaves before `run` is subscribed does not join any more.
  const leaving = new ReplaySubject<void>(1);
  const leave = farewell(member, () => leaving.next());
  return {
    run: life(member).pipe(takeUntil(leaving)),
    leave: () => leave,
    evicted: member.evicted,
    current: member.current,
    state: member.state,
  };
}

/** Generation after generation; what can be healed is healed by joining again after the back-off. */
function life(member: Member): Observable<never> {
  return defer(() => {
    let failures = 0;
    let reason: string | null = null;

    const nextGeneration = defer(() => round(member, reason)).pipe(
      map((why) => {
        failures = 0;
        reason = why;
      }),
    );

    const heal = (thrown: unknown): Observable<unknown> => {
      const fault = faultOf('JoinGroup', thrown);
      // To have come as far as an assignment is progress. A rebalance that overtook a SyncGroup is none, and no failure either.
      failures = holdsAssignment(member.state()) || fault.remedy === 'rebalance' ? 1 : failures + 1;
      reason = fault.message;
      if (!settleFault(member, fault)) return throwError(() => fault.error);
      const { context } = member.host;
      const delay = backoffDelay(context.backoff, failures, context.random);
      context.tell({ kind: 'retryScheduled', api: fault.api, attempt: failures, delay, error: fault.error });
      return timer(delay, context.scheduler);
    };

    return nextGeneration.pipe(repeat(), retry({ delay: heal }), ignoreElements());
  });
}

/** A join and the generation that it leads to. */
function round(member: Member, reason: string | null): Observable<string> {
  // Listened to before the topics are read for the join: a wish that comes while it is under way is remembered until it can be granted.
  const rejoin = member.host.rejoinNeeded.pipe(
    map(() => 'the subscription has changed'),
    share({ connector: () => new ReplaySubject<string>(1), resetOnComplete: false }),
  );
  const joined = join(member, reason).pipe(concatMap((agreed) => generation(member, agreed, rejoin)));
  return merge(rejoin.pipe(ignoreElements()), joined).pipe(take(1));
}

/** What a fault does to what we are and hold. False: it is over. */
function settleFault(member: Member, { remedy, error }: GroupFault): boolean {
  const held = holdsAssignment(member.state());
  switch (remedy) {
    case 'retry':
    case 'rebalance':
      member.apply({ kind: 'failed' });
      return true;
    case 'lostGeneration':
    case 'lostMember':
      member.apply({ kind: 'lost', keepId: remedy === 'lostGeneration' });
      if (held) member.host.lost(error);
      return true;
    case 'fenced':
      member.apply({ kind: 'fenced' });
      if (held) member.host.lost(error);
      return false;
    case 'fatal':
      return false;
    default:
      return remedy satisfies never;
  }
}
