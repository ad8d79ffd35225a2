import { isRetryOfEnd, type Claim } from './producer.ts';
import type { Transaction } from './transaction.ts';
import type { Ends } from './transactionState.ts';

/** What an EndTxn comes to: an error by Kafka's name, what was done before, or the end. */
export type Verdict = { readonly kind: 'error'; readonly error: string } | { readonly kind: 'done' } | { readonly kind: 'end' };

const error = (name: string): Verdict => ({ kind: 'error', error: name });
const INVALID = error('INVALID_TXN_STATE');
const DONE: Verdict = { kind: 'done' };
const END: Verdict = { kind: 'end' };

/** What EndTxn comes to until version 4, where the epoch stays: the same end once more is no error. */
export function verdictOfOld({ producer, state }: Transaction, claim: Claim, ends: Ends): Verdict {
  if (claim.id !== producer.id) return error('INVALID_PRODUCER_ID_MAPPING');
  if (claim.epoch !== producer.epoch) return error('PRODUCER_FENCED');
  switch (state.kind) {
    case 'Ongoing':
      return END;
    case 'PrepareCommit':
    case 'PrepareAbort':
      return endOf(state.kind) === ends ? error('CONCURRENT_TRANSACTIONS') : INVALID;
    case 'CompleteCommit':
    case 'CompleteAbort':
      return endOf(state.kind) === ends ? DONE : INVALID;
    case 'Empty':
      return INVALID;
    default:
      return state satisfies never;
  }
}

/**
 * What it comes to from version 5 on (KIP-890), where each end has an epoch of its own: the epoch before the present one tells a repetition from the end
 * of the next transaction. What has not begun may be aborted, for the sake of the epoch.
 */
export function verdictOf({ producer, state }: Transaction, claim: Claim, ends: Ends): Verdict {
  const isRetry = isRetryOfEnd(producer, claim);
  if (claim.id !== producer.id && !isRetry) return error('INVALID_PRODUCER_ID_MAPPING');
  const isPresent = claim.id === producer.id && claim.epoch === producer.epoch;
  switch (state.kind) {
    case 'Ongoing':
      return isPresent ? END : error('PRODUCER_FENCED');
    case 'Empty':
      if (!isPresent) return error('PRODUCER_FENCED');
      return ends === 'abort' ? END : INVALID;
    case 'PrepareCommit':
    case 'PrepareAbort':
      if (!isRetry) return error('PRODUCER_FENCED');
      return endOf(state.kind) === ends ? error('CONCURRENT_TRANSACTIONS') : INVALID;
    case 'CompleteCommit':
    case 'CompleteAbort':
      if (isRetry) return endOf(state.kind) === ends ? DONE : INVALID;
      if (!isPresent) return error('PRODUCER_FENCED');
      return ends === 'abort' ? END : INVALID;
    default:
      return state satisfies never;
  }
}

function endOf(kind: 'PrepareCommit' | 'PrepareAbort' | 'CompleteCommit' | 'CompleteAbort'): Ends {
  return kind.endsWith('Commit') ? 'commit' : 'abort';
}
