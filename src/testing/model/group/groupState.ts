/** Where a group stands: the classic protocol's states, by Kafka's names. `until`: ms on the cluster's clock; Infinity: nothing runs out. */
export type GroupState =
  /** No members. Commits of those who are not members are taken; whoever speaks as a member is told UNKNOWN_MEMBER_ID. */
  | { readonly kind: 'Empty' }
  /**
   * Members come together: JoinGroups are parked until all that are known have come, or `until`, when the others are dropped.
   * Heartbeats and syncs are answered REBALANCE_IN_PROGRESS; commits of the last generation are taken.
   */
  | { readonly kind: 'PreparingRebalance'; readonly until: number; readonly initial: Initial | undefined }
  /**
   * A generation waits for its assignment: SyncGroups are parked until the leader's comes. Heartbeats are answered;
   * commits are told REBALANCE_IN_PROGRESS. Who has not synced by `until` is dropped.
   */
  | { readonly kind: 'CompletingRebalance'; readonly until: number }
  /** The assignment holds: syncs, heartbeats and commits are answered. Who has not asked for its assignment by `until` is dropped. */
  | { readonly kind: 'Stable'; readonly until: number }
  /** Gone from this coordinator: what was parked is told NOT_COORDINATOR. Final. */
  | { readonly kind: 'Dead' };

/** The first rebalance of an empty group: it waits for more members (KIP-134), and longer while they come. */
export interface Initial {
  /** How long the running delay is, in ms. */
  readonly delay: number;
  /** How much longer it may become, in ms. */
  readonly remaining: number;
  /** Whether a member has come since the running delay began. */
  readonly newcomer: boolean;
}

export type GroupEvent =
  /** A member came, left, failed, or wants another assignment. */
  | { readonly kind: 'prepare'; readonly until: number; readonly initial: Initial | undefined }
  /** A member was added. */
  | { readonly kind: 'added' }
  /** Time ran out, and more is given. */
  | { readonly kind: 'prolong'; readonly until: number; readonly initial: Initial | undefined }
  /** The next generation begins. */
  | { readonly kind: 'joined'; readonly until: number }
  /** Nobody is left. */
  | { readonly kind: 'emptied' }
  /** The leader's assignment is here. */
  | { readonly kind: 'assigned' }
  /** All have asked for their assignment. */
  | { readonly kind: 'synced' }
  /** The coordinator is another broker from now on. */
  | { readonly kind: 'unloaded' };

/** Which state may follow which. */
export const transitions: Readonly<Record<GroupState['kind'], readonly GroupState['kind'][]>> = {
  Empty: ['PreparingRebalance', 'Dead'],
  PreparingRebalance: ['PreparingRebalance', 'CompletingRebalance', 'Empty', 'Dead'],
  CompletingRebalance: ['CompletingRebalance', 'Stable', 'PreparingRebalance', 'Dead'],
  Stable: ['Stable', 'PreparingRebalance', 'Dead'],
  Dead: [],
};

export const empty: GroupState = { kind: 'Empty' };

/** The next state, or `state` itself when the event means nothing in it. Never throws, never mutates. */
export function transition(state: GroupState, event: GroupEvent): GroupState {
  if (state.kind === 'Dead') return state;
  const preparing = state.kind === 'PreparingRebalance';
  switch (event.kind) {
    case 'prepare':
      return preparing ? state : { ...event, kind: 'PreparingRebalance' };
    case 'added':
      return preparing && state.initial !== undefined ? { ...state, initial: { ...state.initial, newcomer: true } } : state;
    case 'prolong':
      return preparing ? { ...event, kind: 'PreparingRebalance' } : state;
    case 'joined':
      return preparing ? { ...event, kind: 'CompletingRebalance' } : state;
    case 'emptied':
      return preparing ? empty : state;
    case 'assigned':
      return state.kind === 'CompletingRebalance' ? { ...state, kind: 'Stable' } : state;
    case 'synced':
      return state.kind === 'CompletingRebalance' || state.kind === 'Stable' ? { ...state, until: Infinity } : state;
    case 'unloaded':
      return { kind: 'Dead' };
    default:
      return event satisfies never;
  }
}

/** When the state runs out; Infinity: never. */
export function endOf(state: GroupState): number {
  return 'until' in state ? state.until : Infinity;
}
