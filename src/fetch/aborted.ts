import { controlType, type BatchView } from '../protocol/recordBatch.ts';
import type { AbortedTransaction } from '../protocol/apis/fetch.ts';

/**
 * Tells the batches of aborted transactions from the others, within one partition of one answer (KIP-98).
 *
 * The broker lists the transactions that were aborted, each with its producer and its first offset, in any order; a producer's batches count
 * as aborted from there up to its abort marker. Batches must be shown in the order of the log.
 */
export class AbortedFilter {
  private readonly pending: AbortedTransaction[];
  private readonly aborting = new Set<number>();

  constructor(transactions: readonly AbortedTransaction[] | null) {
    this.pending = [...(transactions ?? [])].sort((a, b) => b.firstOffset - a.firstOffset);
  }

  /** Whether the records of this batch are for the subscriber: not a marker, and not aborted. */
  isDeliverable(batch: BatchView): boolean {
    this.begin(batch.lastOffset);
    if (batch.isControl) {
      if (this.aborting.has(batch.producerId) && controlType(batch) === 'abort') this.aborting.delete(batch.producerId);
      return false;
    }
    return !(batch.isTransactional && this.aborting.has(batch.producerId));
  }

  private begin(upTo: number): void {
    for (let next = this.pending.at(-1); next !== undefined && next.firstOffset <= upTo; next = this.pending.at(-1)) {
      this.aborting.add(next.producerId);
      this.pending.pop();
    }
  }
}
