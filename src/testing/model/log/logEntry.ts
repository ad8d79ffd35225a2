import { recordsOf, type StoredBatch } from './storedBatch.ts';

/** A record that is in a log now, whoever may read it. */
export interface LogEntry {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** -1: none. */
  readonly producerId: number;
  /**
   * Who is to get it: `yes`: every reader; `control`: nobody, it is the marker of a transaction; `aborted`, `open`: only readers that read uncommitted,
   * the open one also those that read committed if its transaction is committed later.
   */
  readonly deliverable: 'yes' | 'control' | 'aborted' | 'open';
  /** A byte of its batch is wrong now: a reader that checks it cannot have it. */
  readonly damaged: boolean;
}

/** The records of a batch that are not below the start of the log. */
export function* entriesOf(batch: StoredBatch, start: number): Iterable<LogEntry> {
  const deliverable = deliverableOf(batch);
  const { producerId } = batch.view;
  for (const { offset, timestamp, key, value } of recordsOf(batch)) {
    if (offset >= start) yield { offset, timestamp, key, value, producerId, deliverable, damaged: batch.damaged };
  }
}

function deliverableOf({ control, transaction }: StoredBatch): LogEntry['deliverable'] {
  if (control !== undefined) return 'control';
  if (transaction === undefined || transaction.ends === 'commit') return 'yes';
  return transaction.ends === 'abort' ? 'aborted' : 'open';
}
