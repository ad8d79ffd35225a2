import type { Places } from './places.ts';

/** How a transaction ends. */
export type Ends = 'commit' | 'abort';

/** Where the transaction of a transactional id stands, in Kafka's words. */
export type TransactionState =
  /** The producer has its id and epoch, and has not begun. */
  | { readonly kind: 'Empty' }
  /** Something was added since `since`, ms on the cluster's clock. Ended by the producer, or by the coordinator when it lasts too long. */
  | { readonly kind: 'Ongoing'; readonly since: number; readonly places: Places }
  /** Decided: it cannot go the other way any more. `places` are those that have no marker yet, because nobody leads them. */
  | { readonly kind: 'PrepareCommit'; readonly places: Places }
  | { readonly kind: 'PrepareAbort'; readonly places: Places }
  /** All markers are written. The next transaction may begin. */
  | { readonly kind: 'CompleteCommit' }
  | { readonly kind: 'CompleteAbort' };

export type TransactionEvent =
  /** The producer got an id and an epoch: InitProducerId. */
  | { readonly kind: 'initialized' }
  /** The transaction writes there, too; the first addition opens it. */
  | { readonly kind: 'added'; readonly at: number; readonly places: Places }
  /** It is decided how it ends: by EndTxn, or by the coordinator, who fences the producer with it. Only an abort may end what has not begun. */
  | { readonly kind: 'ended'; readonly ends: Ends }
  /** These places have their markers. */
  | { readonly kind: 'marked'; readonly keys: readonly string[] };

/** Which state may follow which. */
export const transitions: Readonly<Record<TransactionState['kind'], readonly TransactionState['kind'][]>> = {
  Empty: ['Empty', 'Ongoing', 'PrepareAbort'],
  Ongoing: ['Ongoing', 'PrepareCommit', 'PrepareAbort'],
  PrepareCommit: ['PrepareCommit', 'CompleteCommit'],
  PrepareAbort: ['PrepareAbort', 'CompleteAbort'],
  CompleteCommit: ['Empty', 'Ongoing', 'PrepareAbort'],
  CompleteAbort: ['Empty', 'Ongoing', 'PrepareAbort'],
};

const NOWHERE: Places = new Map();

/** The next state, or `state` itself when the event means nothing in it. Never throws, never mutates. */
export function transition(state: TransactionState, event: TransactionEvent): TransactionState {
  switch (state.kind) {
    case 'Empty':
    case 'CompleteCommit':
    case 'CompleteAbort':
      return begin(state, event);
    case 'Ongoing':
      if (event.kind === 'added') return { ...state, places: new Map([...state.places, ...event.places]) };
      return event.kind === 'ended' ? decided(event.ends, state.places) : state;
    case 'PrepareCommit':
    case 'PrepareAbort':
      return event.kind === 'marked' ? marked(state, event.keys) : state;
    default:
      return state satisfies never;
  }
}

function begin(state: TransactionState, event: TransactionEvent): TransactionState {
  switch (event.kind) {
    case 'initialized':
      return { kind: 'Empty' };
    case 'added':
      return { kind: 'Ongoing', since: event.at, places: event.places };
    case 'ended':
      return event.ends === 'abort' ? decided('abort', NOWHERE) : state;
    case 'marked':
      return state;
    default:
      return event satisfies never;
  }
}

function decided(ends: Ends, places: Places): TransactionState {
  return { kind: ends === 'commit' ? 'PrepareCommit' : 'PrepareAbort', places };
}

function marked(state: TransactionState & { readonly kind: 'PrepareCommit' | 'PrepareAbort' }, keys: readonly string[]): TransactionState {
  const places = new Map([...state.places].filter(([key]) => !keys.includes(key)));
  if (places.size > 0) return { ...state, places };
  return { kind: state.kind === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort' };
}
