import { MalformedError } from './MalformedError.ts';
import { int64At } from './reader.ts';
import { BATCH_HEADER, BATCH_PREFIX, BatchView } from './batchView.ts';

/** Where the bytes of a partition stop to be batches, and why. */
export interface Corruption {
  readonly kind: 'corrupt';
  /** The base offset that stands there, or else the offset after the batch before; -1 if neither is known. */
  readonly offset: number;
  readonly reason: string;
}

/** What stands at one place of the records of a partition. `more`: it cannot be said before more of them have arrived. */
export type BatchStep =
  { readonly kind: 'batch'; readonly batch: BatchView } | Corruption | { readonly kind: 'more' } | { readonly kind: 'end' };

interface SplitBatches {
  readonly batches: readonly BatchView[];
  readonly corrupt?: Corruption;
}

const MAGIC_AT = 16;
const more: BatchStep = { kind: 'more' };
const end: BatchStep = { kind: 'end' };

/**
 * The batch that stands at `at`, where the batch `before` ended. `records`: the bytes of one partition of a fetch answer, of which `arrived` are there.
 *
 * A broker cuts the last batch where the size limit falls: that is the end. But it never cuts the first (KIP-74): bytes without one whole
 * batch are reported as corrupt, since asking for them again would go on for ever.
 */
export function batchAt(records: Buffer, at: number, arrived: number, before: BatchView | undefined): BatchStep {
  const left = records.length - at;
  if (arrived - at <= MAGIC_AT && arrived < records.length) return more;
  const size = left > MAGIC_AT ? sizeAt(records, at) : Infinity;
  if (typeof size === 'string') return { kind: 'corrupt', offset: offsetAt(records, at, before), reason: size };
  if (size > left) {
    if (before !== undefined || left === 0) return end;
    return { kind: 'corrupt', offset: offsetAt(records, at, before), reason: `${String(left)} bytes, and no whole batch in them` };
  }
  if (size > arrived - at) return more;
  try {
    return { kind: 'batch', batch: new BatchView(records.subarray(at, at + size)) };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return { kind: 'corrupt', offset: offsetAt(records, at, before), reason: error.message };
  }
}

/** The whole batches of one partition of a fetch answer, as views. */
export function splitBatches(records: Buffer): SplitBatches {
  const batches: BatchView[] = [];
  for (let at = 0; ;) {
    const step = batchAt(records, at, records.length, batches.at(-1));
    if (step.kind === 'corrupt') return { batches, corrupt: step };
    if (step.kind !== 'batch') return { batches };
    batches.push(step.batch);
    at += step.batch.sizeInBytes;
  }
}

/** Bytes of the batch there, or why it is none. */
function sizeAt(records: Buffer, at: number): number | string {
  const magic = records.readInt8(at + MAGIC_AT);
  if (magic === 0 || magic === 1) return `message format ${String(magic)}, which only Kafka before 0.11 writes`;
  if (magic !== 2) return `magic byte ${String(magic)}`;
  const size = records.readInt32BE(at + 8) + BATCH_PREFIX;
  return size < BATCH_HEADER ? `a batch length of ${String(size - BATCH_PREFIX)}` : size;
}

function offsetAt(records: Buffer, at: number, before: BatchView | undefined): number {
  try {
    const offset = records.length - at < 8 ? -1 : int64At(records, at);
    if (offset >= 0) return offset;
  } catch {
    // It is not the offset that we are after.
  }
  return before?.nextOffset ?? -1;
}
