import {
  concatMap,
  defer,
  filter,
  finalize,
  ignoreElements,
  map,
  merge,
  mergeMap,
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
import { eventOf, faultOf, isFinal, type Remedy } from './errors.ts';
import { generation } from './generation.ts';
import type { GroupHost, GroupMembership } from './host.ts';
import { join } from './join.ts';
import { farewell } from './leave.ts';
import { createMember, type Member } from './member.ts';
import { keepVigil, type Vigil } from './vigil.ts';

/** A member of a group, by the classic protocol (JoinGroup, SyncGroup, Heartbeat, LeaveGroup). Nothing is sent before `run` is subscribed. */
export function createMembership(host: GroupHost): GroupMembership {
  const member = createMember(host);
  // Replayed: who leaves before `run` is subscribed does not join any more.
  const leaving = new ReplaySubject<void>(1);
  const leave = farewell(member, () => leaving.next());
  let running = false;
  const run = defer(() => {
    running = true;
    return life(member);
  });
  const ended = (): void => {
    running = false;
  };
  return {
    run: run.pipe(takeUntil(leaving), finalize(ended)),
    leave: () => leave,
    // Whose run is over comes into no further generation.
    evicted: (error, under) => member.evicted(error, under) || !running,
    current: member.current,
    state: member.state,
  };
}

/** What ends it stands first; heartbeats stand beside the generations, so that none of these holds them up, nor a back-off between two. */
function life(member: Member): Observable<never> {
  return defer(() => {
    const vigil = keepVigil(member);
    const over = member.faults.pipe(
      filter(isFinal),
      mergeMap(({ error }) => throwError(() => error)),
    );
    return merge(over, vigil.kept, generations(member, vigil));
  });
}

/** Generation after generation; what can be healed is healed by joining again after the back-off. */
function generations(member: Member, vigil: Vigil): Observable<never> {
  return defer(() => {
    const { context } = member.host;
    let [failures, assignments] = [0, 0];
    let last: Remedy | undefined;
    let reason: string | null = null;

    const next = defer(() => round(member, vigil, reason)).pipe(map((why) => (reason = why)));

    const heal = (thrown: unknown): Observable<unknown> => {
      const fault = faultOf('JoinGroup', thrown);
      // To have come as far as an assignment is progress, and another answer than the last one is as well: who was out of reach has been found. A
      // rebalance that overtook a SyncGroup is none, and no failure either.
      const moved = member.assignments() > assignments || fault.remedy !== last;
      failures = moved || fault.remedy === 'rebalance' ? 1 : failures + 1;
      last = fault.remedy;
      assignments = member.assignments();
      reason = fault.message;
      const event = eventOf(fault.remedy, member.state());
      if (event !== undefined) member.apply(event, fault.error);
      if (isFinal(fault)) return throwError(() => fault.error);
      const delay = backoffDelay(context.backoff, failures, context.random);
      context.tell({ kind: 'retryScheduled', api: fault.api, attempt: failures, delay, error: fault.error });
      return timer(delay, context.scheduler);
    };

    return next.pipe(repeat(), retry({ delay: heal }), ignoreElements());
  });
}

/** A join and the generation that it leads to. */
function round(member: Member, vigil: Vigil, reason: string | null): Observable<string> {
  // Listened to before the topics are read for the join: a wish that comes while it is under way is remembered until it can be granted.
  const rejoin = member.host.rejoinNeeded.pipe(
    map(() => 'the subscription has changed'),
    share({ connector: () => new ReplaySubject<string>(1), resetOnComplete: false }),
  );
  const interrupted = member.faults.pipe(mergeMap((fault) => throwError(() => fault)));
  const joined = join(member, reason).pipe(concatMap((agreed) => generation(member, vigil, agreed, rejoin)));
  return merge(interrupted, rejoin.pipe(ignoreElements()), joined).pipe(take(1));
}
