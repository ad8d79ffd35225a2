import { mergeMap, type Observable, Subject, throwError } from 'rxjs';
import { faultOf, type GroupFault } from './errors.ts';
import type { GroupHost, GroupMembership } from './host.ts';
import { holdsAssignment, type MembershipEvent, type MembershipState, outside, transition } from './membershipState.ts';

/** The one place that knows who we are in the group: the rooms of the pipeline read and move it, and late events are compared with it. */
export interface Member {
  readonly host: GroupHost;
  readonly state: () => MembershipState;
  readonly apply: (event: MembershipEvent) => void;
  readonly current: GroupMembership['current'];
  readonly evicted: GroupMembership['evicted'];
  /** Errors with what a refused commit says about our membership. */
  readonly refusals: Observable<never>;
  /** Emits when a refused commit says that a rebalance has begun. */
  readonly rebalances: Observable<unknown>;
}

export function createMember(host: GroupHost): Member {
  const { groupId, instanceId } = host.options;
  const refused = new Subject<GroupFault>();
  const rebalances = new Subject<GroupFault>();
  let state = outside;

  return {
    host,
    state: () => state,
    apply: (event) => (state = transition(state, event)),
    current() {
      if (!holdsAssignment(state)) return undefined;
      const { memberId, generation } = state;
      return { groupId, memberId, generation, ...(instanceId !== undefined && { instanceId }) };
    },
    evicted(error, under) {
      // A commit that was refused under what we were before says nothing of what we are.
      if (!holdsAssignment(state)) return;
      if (under !== undefined && (under.memberId !== state.memberId || under.generation !== state.generation)) return;
      const fault = faultOf('OffsetCommit', error);
      if (fault.remedy === 'rebalance') rebalances.next(fault);
      else if (fault.remedy !== 'retry' && fault.remedy !== 'fatal') refused.next(fault);
    },
    refusals: refused.pipe(mergeMap((fault) => throwError(() => fault))),
    rebalances,
  };
}
