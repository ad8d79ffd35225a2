/** What a member is to its group, in whatever state it is. */
interface Standing {
  /** Empty until the coordinator gave one; kept over rebalances. */
  readonly memberId: string;
  /** As whom heartbeats and commits are sent: the generation that was joined last; -1: none that counts. */
  readonly generation: number;
  /** In which generation we were given what we hold; -1: we hold nothing. */
  readonly assignedIn: number;
}

/** Where this member stands in its group. */
export type MembershipState =
  /** Between two joins. On the wire: the look-up of the coordinator, or nothing while a back-off runs; heartbeats where partitions are held. */
  | (Standing & { readonly kind: 'unjoined' })
  /** A JoinGroup is on its way, or parked at the coordinator until the others have joined. Heartbeats where partitions are held. */
  | (Standing & { readonly kind: 'joining' })
  /** Joined: the leader computes the assignment, the others wait for it in a SyncGroup. Heartbeats are sent. */
  | (Standing & { readonly kind: 'syncing'; readonly leader: boolean })
  /** The assignment holds. Heartbeats are sent, and commits. */
  | (Standing & { readonly kind: 'stable'; readonly leader: boolean })
  /** What is to be given up is worked off and committed: everything (eager), or what the new assignment took away (cooperative). Heartbeats go on. */
  | (Standing & { readonly kind: 'handingOver'; readonly leader: boolean })
  /** We say good-bye: one LeaveGroup, and nothing after it. Final. */
  | (Standing & { readonly kind: 'leaving' })
  /** Another member took over our instance id (KIP-345). Nothing is sent any more, not even a LeaveGroup: it would remove the other. Final. */
  | (Standing & { readonly kind: 'fenced' });

export type MembershipEvent =
  /** A JoinGroup is sent. */
  | { readonly kind: 'join' }
  /** The coordinator gave us an id to join with (KIP-394). */
  | { readonly kind: 'idGiven'; readonly memberId: string }
  | { readonly kind: 'joined'; readonly memberId: string; readonly generation: number; readonly leader: boolean }
  /** The assignment arrived. */
  | { readonly kind: 'synced' }
  /** Something is to be given up before the next join. */
  | { readonly kind: 'giveUp' }
  /** That is done. `all`: nothing is held any more. */
  | { readonly kind: 'handedOver'; readonly all: boolean }
  /** The next join is due, and nothing has to be given up for it. */
  | { readonly kind: 'rejoin' }
  /** Joining or syncing did not work out this time. */
  | { readonly kind: 'failed' }
  /** The coordinator does not know us (the id is worth nothing), or not in this generation (the id is kept). */
  | { readonly kind: 'lost'; readonly keepId: boolean }
  | { readonly kind: 'fenced' }
  | { readonly kind: 'leave' };

/** Which state may follow which, and by what. */
export const transitions: Readonly<
  Record<MembershipState['kind'], Readonly<Partial<Record<MembershipEvent['kind'], MembershipState['kind']>>>>
> = {
  unjoined: { join: 'joining', lost: 'unjoined', fenced: 'fenced', leave: 'leaving' },
  joining: { idGiven: 'joining', joined: 'syncing', failed: 'unjoined', lost: 'unjoined', fenced: 'fenced', leave: 'leaving' },
  syncing: { synced: 'stable', failed: 'unjoined', lost: 'unjoined', fenced: 'fenced', leave: 'leaving' },
  stable: { giveUp: 'handingOver', rejoin: 'unjoined', lost: 'unjoined', fenced: 'fenced', leave: 'leaving' },
  handingOver: { handedOver: 'unjoined', lost: 'unjoined', fenced: 'fenced', leave: 'leaving' },
  leaving: {},
  fenced: {},
};

export const outside: MembershipState = { kind: 'unjoined', memberId: '', generation: -1, assignedIn: -1 };

/** The next state, or `state` itself when the event means nothing in it. Never throws, never mutates. */
export function transition(state: MembershipState, event: MembershipEvent): MembershipState {
  const kind = transitions[state.kind][event.kind];
  if (kind === undefined) return state;
  const standing = standingAfter(state, event);
  const leader = event.kind === 'joined' ? event.leader : 'leader' in state && state.leader;
  return kind === 'syncing' || kind === 'stable' || kind === 'handingOver' ? { kind, ...standing, leader } : { kind, ...standing };
}

function standingAfter({ memberId, generation, assignedIn }: Standing, event: MembershipEvent): Standing {
  switch (event.kind) {
    case 'idGiven':
      return { memberId: event.memberId, generation, assignedIn };
    case 'joined':
      return { memberId: event.memberId, generation: event.generation, assignedIn };
    case 'synced':
      return { memberId, generation, assignedIn: generation };
    case 'handedOver':
      return event.all ? { memberId, generation: -1, assignedIn: -1 } : { memberId, generation, assignedIn };
    case 'failed':
      return assignedIn < 0 ? { memberId, generation: -1, assignedIn } : { memberId, generation, assignedIn };
    case 'lost':
      return { memberId: event.keepId ? memberId : '', generation: -1, assignedIn: -1 };
    case 'fenced':
      return { memberId, generation: -1, assignedIn: -1 };
    case 'join':
    case 'giveUp':
    case 'rejoin':
    case 'leave':
      return { memberId, generation, assignedIn };
    default:
      return event satisfies never;
  }
}

/** Whether an assignment is held: it may be delivered from, committed, and lost. */
export function holdsAssignment({ kind, assignedIn }: MembershipState): boolean {
  return assignedIn >= 0 && kind !== 'leaving';
}

/**
 * Whether heartbeats are sent: from the answer to a JoinGroup on, and for as long as something is held. Who only waits for a JoinGroup sends
 * none: the coordinator waits for us.
 */
export function beats(state: MembershipState): boolean {
  return state.kind === 'syncing' || holdsAssignment(state);
}

/** What is done about what is held, when one state follows another. */
export type Effect =
  /** It is committed as somebody else from now on: the generation has changed. */
  | 'renew'
  /** It is gone: nothing of it is delivered or committed any more. */
  | 'lose';

/** The effect of a step on what is held. What an assignment brings and takes away is another matter: see `holdings.ts`. */
export function effectOf(before: MembershipState, event: MembershipEvent): Effect | undefined {
  if (!holdsAssignment(before) || transitions[before.kind][event.kind] === undefined) return undefined;
  if (event.kind === 'lost' || event.kind === 'fenced') return 'lose';
  return event.kind === 'joined' ? 'renew' : undefined;
}
