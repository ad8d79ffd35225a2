import type { BatchView } from '../../../protocol/recordBatch.ts';

/** What a log remembers of an idempotent producer (KIP-98). */
interface ProducerState {
  readonly epoch: number;
  /** -1: nothing in this epoch yet. */
  readonly lastSequence: number;
  /** Its last batches: one that comes again is not appended again. */
  readonly recent: readonly { readonly first: number; readonly last: number; readonly base: number; readonly timestamp: number }[];
}

/** What becomes of a batch that a producer sends. */
export type Admission =
  | { readonly kind: 'append' }
  /** It is here already, at that offset, with that as its highest timestamp. */
  | { readonly kind: 'duplicate'; readonly base: number; readonly timestamp: number }
  | { readonly kind: 'refuse'; readonly error: string };

const REMEMBERED = 5;
const append: Admission = { kind: 'append' };

/** The producers that have written to a log. */
export class Producers {
  private readonly states: Map<number, ProducerState> = new Map();

  admit(batch: BatchView): Admission {
    const state = this.states.get(batch.producerId);
    if (batch.producerId < 0 || state === undefined) return append;
    if (batch.producerEpoch < state.epoch) return { kind: 'refuse', error: 'INVALID_PRODUCER_EPOCH' };
    if (batch.producerEpoch > state.epoch) return inOrder(-1, batch.baseSequence);
    const known = state.recent.find(({ first, last }) => first === batch.baseSequence && last === lastSequenceOf(batch));
    return known === undefined
      ? inOrder(state.lastSequence, batch.baseSequence)
      : { kind: 'duplicate', base: known.base, timestamp: known.timestamp };
  }

  /** That batch is in the log. */
  note(batch: BatchView): void {
    if (batch.producerId < 0) return;
    const before = this.states.get(batch.producerId);
    const epoch = batch.producerEpoch;
    const same = before?.epoch === epoch ? before : { epoch, lastSequence: -1, recent: [] };
    if (batch.isControl || batch.baseSequence < 0) {
      this.states.set(batch.producerId, same);
      return;
    }
    const sent = { first: batch.baseSequence, last: lastSequenceOf(batch), base: batch.baseOffset, timestamp: batch.maxTimestamp };
    this.states.set(batch.producerId, { epoch, lastSequence: sent.last, recent: [...same.recent, sent].slice(-REMEMBERED) });
  }

  /** The log was cut: these are the batches that it has now. */
  relearn(batches: Iterable<BatchView>): void {
    this.states.clear();
    for (const batch of batches) this.note(batch);
  }
}

/** Sequences go round: 0 follows 2^31 - 1. */
function lastSequenceOf({ baseSequence, lastOffsetDelta }: BatchView): number {
  return (baseSequence + lastOffsetDelta) % 2 ** 31;
}

function inOrder(last: number, next: number): Admission {
  return next === (last + 1) % 2 ** 31 ? append : { kind: 'refuse', error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' };
}
