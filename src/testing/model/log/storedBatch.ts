import type { RecordHeaders } from '../../../model/record.ts';
import { inflate } from '../../../protocol/compression.ts';
import { controlType, type BatchView } from '../../../protocol/recordBatch.ts';
import { STRIDE, indexRecords, readHeaders, timestampDelta } from '../../../protocol/recordIndex.ts';
import { lowest } from './lowest.ts';
import type { LoggedTransaction } from './transactionIndex.ts';

/** A batch as it lies in a log. */
export interface StoredBatch {
  readonly view: BatchView;
  readonly bytes: Buffer;
  readonly base: number;
  /** Also where compaction took the last records away. */
  readonly last: number;
  /** Bytes of the log before it. They only grow, so that what retention takes away at the front moves nothing. */
  readonly at: number;
  /** The transaction that it is part of, or that it ends. */
  readonly transaction: LoggedTransaction | undefined;
  readonly control: 'commit' | 'abort' | 'other' | undefined;
  /** A byte of it is wrong: its CRC does not fit. */
  readonly damaged: boolean;
}

/** A record as it lies in a log. */
export interface StoredRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
}

export function storedBatch(view: BatchView, bytes: Buffer, at: number, transaction: LoggedTransaction | undefined): StoredBatch {
  const control = view.isControl ? controlType(view) : undefined;
  return { view, bytes, base: view.baseOffset, last: view.lastOffset, at, transaction, control, damaged: false };
}

export function recordsOf({ view, base }: StoredBatch): readonly StoredRecord[] {
  const body = inflate(view.compression, view.body);
  const index = indexRecords(body, view.recordCount);
  const records: StoredRecord[] = [];
  const stamped = view.timestampType === 'LogAppendTime' ? view.maxTimestamp : undefined;
  for (let cell = 0; cell < index.length; cell += STRIDE) {
    const keyLength = index[cell + 3] ?? -1;
    const valueLength = index[cell + 5] ?? -1;
    const keyAt = index[cell + 2] ?? 0;
    const valueAt = index[cell + 4] ?? 0;
    records.push({
      offset: base + (index[cell] ?? 0),
      timestamp: stamped ?? view.baseTimestamp + timestampDelta(body, index[cell + 1] ?? 0),
      key: keyLength < 0 ? null : body.subarray(keyAt, keyAt + keyLength),
      value: valueLength < 0 ? null : body.subarray(valueAt, valueAt + valueLength),
      headers: readHeaders(body, valueAt + Math.max(0, valueLength)),
    });
  }
  return records;
}

/** The index of the first batch that ends at or after that offset: which holds it, or else follows it. `batches.length`: there is none. */
export function firstEndingFrom(batches: readonly StoredBatch[], offset: number): number {
  return lowest(batches, ({ last }) => last >= offset);
}

/** The index of the first batch that begins so many bytes into the log, or later. */
export function firstAtOrBeyond(batches: readonly StoredBatch[], position: number): number {
  return lowest(batches, ({ at }) => at >= position);
}
