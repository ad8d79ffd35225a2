import type { StartPosition } from '../model/startPosition.ts';
import type { PositionReason } from '../model/events.ts';

/** What is asked for to find a position. */
export type Target =
  /** The group's committed offset; where there is none, the start position. */
  | { readonly kind: 'committed'; readonly otherwise: Target }
  /** By the user's own function. */
  | { readonly kind: 'asked' }
  /** A place in the log: ListOffsets, unless it is an offset. */
  | { readonly kind: 'place'; readonly at: StartPosition }
  /** Nothing says where to begin, and there is no reset policy: the stream errors. */
  | { readonly kind: 'nowhere' };

/** Where a partition stands while it works. */
export type Working =
  /** No position yet: OffsetFetch or ListOffsets is on its way, or waits for its back-off. Nothing is fetched or delivered. */
  | { readonly kind: 'locating'; readonly target: Target; readonly reason: PositionReason }
  /** The position is known: Fetch goes over the wire while there is room and need; records are delivered. */
  | { readonly kind: 'fetching' };

/** Where one partition stands in its assignment. */
export type CursorState =
  | Working
  /** Something is wrong with this partition alone. Records before it are delivered, then the stream errors. Nothing is fetched until it is subscribed again, or sought. */
  | { readonly kind: 'failed'; readonly error: Error; readonly told: boolean; readonly before: Working }
  /** Its stream has completed; acks still count and are committed. Nothing is fetched or delivered. */
  | { readonly kind: 'completed'; readonly why: Why }
  /** Not ours any more. Nothing counts. */
  | { readonly kind: 'released' };

export type CursorEvent =
  | { readonly kind: 'located' }
  | { readonly kind: 'locate'; readonly target: Target; readonly reason: PositionReason }
  | { readonly kind: 'fail'; readonly error: Error }
  /** The stream has errored: the failure is known to the user. */
  | { readonly kind: 'told' }
  /** Subscribed again: after a failure, or after the mark with records that are not acked. */
  | { readonly kind: 'retry' }
  | { readonly kind: 'complete'; readonly why: Why }
  | { readonly kind: 'release' };

/** `closed`: the consumer was unsubscribed; who is still subscribed then is told so by an error. */
export type Why = 'revoked' | 'stopping' | 'mark' | 'failed' | 'closed';

/** Which states may follow which, through any event. */
export const transitions: { readonly [K in CursorState['kind']]: readonly CursorState['kind'][] } = {
  locating: ['locating', 'fetching', 'failed', 'completed', 'released'],
  fetching: ['locating', 'failed', 'completed', 'released'],
  failed: ['failed', 'fetching', 'locating', 'completed', 'released'],
  completed: ['completed', 'fetching', 'released'],
  released: [],
};

/** The next state, or `state` itself where the event means nothing in it. Never throws. */
export function transition(state: CursorState, event: CursorEvent): CursorState {
  if (state.kind === 'released') return state;
  if (event.kind === 'release') return { kind: 'released' };
  if (event.kind === 'complete') return complete(state, event.why);
  if (state.kind === 'completed') return event.kind === 'retry' && state.why === 'mark' ? { kind: 'fetching' } : state;
  switch (event.kind) {
    case 'locate':
      return { kind: 'locating', target: event.target, reason: event.reason };
    case 'located':
      return state.kind === 'locating' ? { kind: 'fetching' } : state;
    case 'fail':
      return state.kind === 'failed' ? state : { kind: 'failed', error: event.error, told: false, before: state };
    case 'told':
      return state.kind === 'failed' ? { ...state, told: true } : state;
    case 'retry':
      return state.kind === 'failed' && state.told ? state.before : state;
    default:
      return event satisfies never;
  }
}

/** A stream that completed at its mark may still be revoked, stopped or closed; the other reasons are for good. */
function complete(state: CursorState, why: Why): CursorState {
  return state.kind === 'completed' && state.why !== 'mark' ? state : { kind: 'completed', why };
}
