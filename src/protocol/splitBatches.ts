import { MalformedError } from './MalformedError.ts';
import { int64At } from './reader.ts';
import { BATCH_HEADER, BATCH_PREFIX, BatchView } from './batchView.ts';

/** Where the bytes of a partition stop to be batches, and why. */
interface Corruption {
  /** The base offset that stands there, or else the offset after the batch before; -1 if neither is known. */
  readonly offset: number;
  readonly reason: string;
}

interface SplitBatches {
  readonly batches: readonly BatchView[];
  readonly corrupt?: Corruption;
}

const MAGIC_AT = 16;

/**
 * The whole batches of one partition of a fetch answer, as views.
 *
 * A broker cuts the last batch where the size limit falls: it is ignored. But it never cuts the first (KIP-74): bytes without one whole
 * batch are reported as corrupt, since asking for them again would go on for ever.
 */
export function splitBatches(records: Buffer): SplitBatches {
  const batches: BatchView[] = [];
  let at = 0;
  while (records.length - at > MAGIC_AT) {
    const size = sizeAt(records, at);
    if (typeof size === 'string') return { batches, corrupt: { offset: offsetAt(records, at, batches), reason: size } };
    if (size > records.length - at) break;
    try {
      batches.push(new BatchView(records.subarray(at, at + size)));
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      return { batches, corrupt: { offset: offsetAt(records, at, batches), reason: error.message } };
    }
    at += size;
  }
  if (batches.length > 0 || records.length === 0) return { batches };
  return {
    batches,
    corrupt: { offset: offsetAt(records, 0, batches), reason: `${String(records.length)} bytes, and no whole batch in them` },
  };
}

/** Bytes of the batch there, or why it is none. */
function sizeAt(records: Buffer, at: number): number | string {
  const magic = records.readInt8(at + MAGIC_AT);
  if (magic === 0 || magic === 1) return `message format ${String(magic)}, which only Kafka before 0.11 writes`;
  if (magic !== 2) return `magic byte ${String(magic)}`;
  const size = records.readInt32BE(at + 8) + BATCH_PREFIX;
  return size < BATCH_HEADER ? `a batch length of ${String(size - BATCH_PREFIX)}` : size;
}

function offsetAt(records: Buffer, at: number, before: readonly BatchView[]): number {
  try {
    const offset = records.length - at < 8 ? -1 : int64At(records, at);
    if (offset >= 0) return offset;
  } catch {
    // It is not the offset that we are after.
  }
  return before.at(-1)?.nextOffset ?? -1;
}
