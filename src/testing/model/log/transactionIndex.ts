import type { AbortedTransaction } from '../../../protocol/apis/fetch.ts';
import { lowest } from './lowest.ts';

/** What a producer wrote into one log between its first transactional batch and the marker. */
export interface LoggedTransaction {
  readonly producerId: number;
  readonly first: number;
  /** undefined: it is open. */
  ends: 'commit' | 'abort' | undefined;
  /** The offset of its marker. */
  last: number;
}

/** The transactions of a log: which are open, and how those that are not have ended (KIP-98). */
export class TransactionIndex {
  /** By producer, in the order in which they began. */
  readonly open: Map<number, LoggedTransaction> = new Map();
  /** In the order of their markers. */
  private ended: LoggedTransaction[] = [];

  /** The transaction that a batch of this producer at that offset belongs to. */
  begin(producerId: number, offset: number): LoggedTransaction {
    const open = this.open.get(producerId) ?? { producerId, first: offset, ends: undefined, last: Infinity };
    this.open.set(producerId, open);
    return open;
  }

  /** Its marker stands at that offset. undefined: the producer had written nothing here. */
  end(producerId: number, offset: number, ends: 'commit' | 'abort'): LoggedTransaction | undefined {
    const transaction = this.open.get(producerId);
    if (transaction === undefined) return undefined;
    this.open.delete(producerId);
    transaction.ends = ends;
    transaction.last = offset;
    this.ended.push(transaction);
    return transaction;
  }

  /** Where a reader of committed records has to stop who sees the log up to that offset: before the first transaction that ends nowhere there. */
  stableBelow(end: number): number {
    let stable = Math.min(end, this.firstOpen() ?? end);
    for (let i = this.ended.length - 1; i >= 0; i--) {
      const { first, last } = this.ended[i] ?? { first: end, last: -1 };
      if (last < end) break;
      stable = Math.min(stable, first);
    }
    return stable;
  }

  /** The aborted transactions that have a part in these offsets, in the order of their markers. */
  abortedIn(from: number, to: number): readonly AbortedTransaction[] {
    const later = this.ended.slice(lowest(this.ended, ({ last }) => last >= from));
    return later
      .filter(({ ends, first }) => ends === 'abort' && first < to)
      .map(({ producerId, first }) => ({ producerId, firstOffset: first }));
  }

  /** What ended at that offset or later is open again; what began there has never been. */
  truncateTo(end: number): void {
    const reopened = this.ended.splice(lowest(this.ended, ({ last }) => last >= end));
    for (const transaction of reopened) {
      transaction.ends = undefined;
      transaction.last = Infinity;
    }
    const open = [...this.open.values(), ...reopened].filter(({ first }) => first < end).sort((a, b) => a.first - b.first);
    this.open.clear();
    for (const transaction of open) this.open.set(transaction.producerId, transaction);
  }

  /** Forgets those whose markers are gone. */
  forget(gone: (transaction: LoggedTransaction) => boolean): void {
    this.ended = this.ended.filter((transaction) => !gone(transaction));
  }

  private firstOpen(): number | undefined {
    for (const { first } of this.open.values()) return first;
    return undefined;
  }
}
