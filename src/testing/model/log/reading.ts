import type { StoredBatch } from './storedBatch.ts';

/** How much may be read of a log. */
export interface ReadLimits {
  /** Where these bytes end, the batch there is cut. If not even the first fits, nothing is read, unless `atLeastOne`. */
  readonly maxBytes: number;
  /** What begins here or later, or goes beyond it, is not read. */
  readonly upTo: number;
  /** The first batch is read whole, whatever its size (KIP-74). */
  readonly atLeastOne: boolean;
}

const nothing = Buffer.alloc(0);

/** The bytes from that batch on, up to a position in the log. */
export function readFrom(batches: readonly StoredBatch[], index: number, limit: number, { maxBytes, atLeastOne }: ReadLimits): Buffer {
  const first = batches[index];
  if (first === undefined || first.at >= limit) return nothing;
  const size = first.bytes.length;
  if (maxBytes < size) return atLeastOne ? first.bytes : nothing;
  const wanted = Math.min(limit - first.at, maxBytes);
  if (wanted === size) return first.bytes;
  const parts: Buffer[] = [];
  for (let i = index, left = wanted; left > 0; i++) {
    const bytes = batches[i]?.bytes;
    if (bytes === undefined) break;
    parts.push(bytes.length > left ? bytes.subarray(0, left) : bytes);
    left -= bytes.length;
  }
  return Buffer.concat(parts);
}
