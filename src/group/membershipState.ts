/** Where this member stands in its group. `memberId` is empty until the coordinator gave one; it is kept over rebalances. */
export type MembershipState =
  /** Not in the group, or not known there any more. On the wire: nothing, or the look-up of the coordinator; a back-off may be running. */
  | { readonly kind: 'unjoined'; readonly memberId: string }
  /** A JoinGroup is on its way, or parked at the coordinator until the others have joined. No heartbeats: the coordinator waits for us. */
  | { readonly kind: 'joining'; readonly memberId: string }
  /** Joined: the leader computes the assignment, the others wait for it in a SyncGroup. Heartbeats are sent. */
  | { readonly kind: 'syncing'; readonly memberId: string; readonly generation: number; readonly leader: boolean }
  /** The assignment holds. Heartbeats are sent, and commits. */
  | { readonly kind: 'stable'; readonly memberId: string; readonly generation: number; readonly leader: boolean }
  /** A rebalance has begun, and what we hold is worked off and committed under the old generation. Heartbeats go on. */
  | { readonly kind: 'handingOver'; readonly memberId: string; readonly generation: number; readonly leader: boolean }
  /** We say good-bye: one LeaveGroup, and nothing after it. Final. */
  | { readonly kind: 'leaving'; readonly memberId: string }
  /** Another member took over our instance id (KIP-345). Nothing is sent any more, not even a LeaveGroup: it would remove the other. Final. */
  | { readonly kind: 'fenced'; readonly memberId: string };

export type MembershipEvent =
  /** A JoinGroup is sent. */
  | { readonly kind: 'join' }
  /** The coordinator gave us an id to join with (KIP-394). */
  | { readonly kind: 'idGiven'; readonly memberId: string }
  | { readonly kind: 'joined'; readonly memberId: string; readonly generation: number; readonly leader: boolean }
  /** The assignment arrived. */
  | { readonly kind: 'synced' }
  /** A rebalance has begun, here or at the coordinator. */
  | { readonly kind: 'rebalance' }
  /** Everything that we held is given up. */
  | { readonly kind: 'handedOver' }
  /** Joining or syncing did not work out this time. */
  | { readonly kind: 'failed' }
  /** The coordinator does not know us (the id is worth nothing), or not in this generation (the id is kept). */
  | { readonly kind: 'lost'; readonly keepId: boolean }
  | { readonly kind: 'fenced' }
  | { readonly kind: 'leave' };

/** Which state may follow which. */
export const transitions: Readonly<Record<MembershipState['kind'], readonly MembershipState['kind'][]>> = {
  unjoined: ['joining', 'unjoined', 'leaving', 'fenced'],
  joining: ['joining', 'syncing', 'unjoined', 'leaving', 'fenced'],
  syncing: ['stable', 'unjoined', 'leaving', 'fenced'],
  stable: ['handingOver', 'unjoined', 'leaving', 'fenced'],
  handingOver: ['unjoined', 'leaving', 'fenced'],
  leaving: [],
  fenced: [],
};

export const outside: MembershipState = { kind: 'unjoined', memberId: '' };

/** The next state, or `state` itself when the event means nothing in it. Never throws, never mutates. */
export function transition(state: MembershipState, event: MembershipEvent): MembershipState {
  if (state.kind === 'leaving' || state.kind === 'fenced') return state;
  const { memberId } = state;
  switch (event.kind) {
    case 'join':
      return state.kind === 'unjoined' ? { kind: 'joining', memberId } : state;
    case 'idGiven':
      return state.kind === 'joining' ? { kind: 'joining', memberId: event.memberId } : state;
    case 'joined':
      return state.kind === 'joining' ? { ...event, kind: 'syncing' } : state;
    case 'synced':
      return state.kind === 'syncing' ? { ...state, kind: 'stable' } : state;
    case 'rebalance':
      return state.kind === 'stable' ? { ...state, kind: 'handingOver' } : state;
    case 'handedOver':
      return state.kind === 'handingOver' ? { kind: 'unjoined', memberId } : state;
    case 'failed':
      return state.kind === 'joining' || state.kind === 'syncing' ? { kind: 'unjoined', memberId } : state;
    case 'lost':
      return { kind: 'unjoined', memberId: event.keepId ? memberId : '' };
    case 'fenced':
      return { kind: 'fenced', memberId };
    case 'leave':
      return { kind: 'leaving', memberId };
    default:
      return event satisfies never;
  }
}

/** Whether an assignment is held: it may be delivered from, committed, and lost. */
export function holdsAssignment(state: MembershipState): state is Extract<MembershipState, { kind: 'stable' | 'handingOver' }> {
  return state.kind === 'stable' || state.kind === 'handingOver';
}
