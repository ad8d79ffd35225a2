import { BehaviorSubject, type Observable, Subject } from 'rxjs';
import type { Membership } from '../model/partitionStream.ts';
import { isCooperative } from './assignor.ts';
import { eventOf, faultOf, type GroupFault } from './errors.ts';
import type { GroupHost, GroupMembership } from './host.ts';
import { effectOf, holdsAssignment, type MembershipEvent, type MembershipState, outside, transition } from './membershipState.ts';

/** The one place that knows who we are in the group: the rooms of the pipeline read and move it, and late events are compared with it. */
export interface Member {
  readonly host: GroupHost;
  /** What is not taken away stays with us through a rebalance (KIP-429): only if every assignor that we offer can do so. */
  readonly cooperative: boolean;
  readonly state: () => MembershipState;
  /** The present state, and each that follows. */
  readonly states: Observable<MembershipState>;
  readonly apply: (event: MembershipEvent, why?: Error) => void;
  readonly current: GroupMembership['current'];
  readonly evicted: GroupMembership['evicted'];
  /** What anybody has heard about the membership: written down at once; whatever is under way is told by `faults`. False: it says nothing of what we are. */
  readonly struck: (fault: GroupFault, under: Pick<Membership, 'memberId' | 'generation'>) => boolean;
  /** Each makes what is under way void. */
  readonly faults: Observable<GroupFault>;
  /** Emits when anybody hears that a rebalance has begun. */
  readonly rebalances: Observable<unknown>;
  readonly rebalanceHeard: () => void;
  /** How many assignments there were: who has got one has got somewhere. */
  readonly assignments: () => number;
}

export function createMember(host: GroupHost): Member {
  const { groupId, instanceId, assignors } = host.options;
  const faults = new Subject<GroupFault>();
  const rebalances = new Subject<void>();
  const states = new BehaviorSubject(outside);
  let assignments = 0;

  const current = (): Membership | undefined => {
    if (!holdsAssignment(states.value)) return undefined;
    const { memberId, generation } = states.value;
    return { groupId, memberId, generation, ...(instanceId !== undefined && { instanceId }) };
  };

  const apply: Member['apply'] = (event, why = new Error(event.kind)) => {
    const before = states.value;
    const effect = effectOf(before, event);
    const after = transition(before, event);
    if (event.kind === 'synced') assignments++;
    if (after !== before) states.next(after);
    const membership = current();
    if (effect === 'renew' && membership !== undefined) host.renewed(membership);
    if (effect === 'lose') host.lost(why);
  };

  const struck: Member['struck'] = (fault, under) => {
    if (!concerns(fault, under, states.value)) return false;
    const event = eventOf(fault.remedy, states.value);
    if (event !== undefined) apply(event, fault.error);
    faults.next(fault);
    return true;
  };

  return {
    ...{ host, cooperative: isCooperative(assignors), states, apply, current, struck, faults, rebalances },
    ...{ state: () => states.value, rebalanceHeard: () => rebalances.next(), assignments: () => assignments },
    evicted(error, under = current()) {
      const fault = faultOf('OffsetCommit', error);
      // No commit is worth the consumer: the committer tells of it.
      if (under === undefined || fault.remedy === 'fatal') return true;
      const overtaken = isOvertaken(fault, under, states.value);
      struck(fault, under);
      return !overtaken;
    },
  };
}

/** Whether a fault only says that the group has gone on, with us: what was asked under the generation before may be asked under the next one. */
function isOvertaken(fault: GroupFault, under: Pick<Membership, 'memberId' | 'generation'>, state: MembershipState): boolean {
  return fault.remedy === 'lostGeneration' && holdsAssignment(state) && !concerns(fault, under, state);
}

/** Whether a fault says anything of what we are now. */
function concerns(
  { remedy }: GroupFault,
  under: Pick<Membership, 'memberId' | 'generation'>,
  { kind, memberId, generation }: MembershipState,
): boolean {
  if (remedy === 'retry' || under.memberId !== memberId || under.generation !== generation) return false;
  // Between two assignments the group may have gone on with us: the answer to our join is on its way, or got lost, and the next one says as whom.
  return remedy !== 'lostGeneration' || kind === 'stable' || kind === 'handingOver';
}
