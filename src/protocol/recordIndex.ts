import { MalformedError } from './MalformedError.ts';
import { VarintWalk, varlongAt } from './varint.ts';

export { readHeaders } from './recordHeaders.ts';

/**
 * Numbers that the index keeps for each record:
 * `[offsetDelta, at, keyAt, keyLength, valueAt, valueLength]`. `at` is where the timestamp delta stands; a length of -1 is null, and the
 * headers begin at `valueAt + max(0, valueLength)`.
 */
export const STRIDE = 6;

/** length, attributes, timestampDelta, offsetDelta, keyLength, valueLength, header count: a byte each. */
const SMALLEST = 7;

/**
 * Where each record of a batch lies, and each field of it. One walk over the bytes, nothing allocated but the index.
 *
 * Every length is checked, also those of the headers: what is read later by this index lies inside of its record. Throws MalformedError
 * for anything else: a count that cannot be, records that end before or after their length, bytes after the last, offsets that do not
 * rise or pass `lastOffsetDelta`.
 */
export function indexRecords(body: Buffer, count: number, lastOffsetDelta = 0x7fffffff): Int32Array {
  if (count < 0 || count * SMALLEST > body.length) {
    throw new MalformedError(`${String(count)} records in ${String(body.length)} bytes`);
  }
  const index = new Int32Array(count * STRIDE);
  const walk = new VarintWalk(body, 0, body.length);
  let before = -1;
  for (let cell = 0; cell < index.length; cell += STRIDE) {
    before = indexRecord(walk, body.length, index, cell, before);
  }
  if (before > lastOffsetDelta) throw new MalformedError(`an offset delta of ${String(before)} above the last, ${String(lastOffsetDelta)}`);
  if (walk.at !== body.length) throw new MalformedError(`${String(body.length - walk.at)} bytes after the last record`);
  return index;
}

/** Indexes the record there and returns its offset delta. */
function indexRecord(walk: VarintWalk, limit: number, index: Int32Array, cell: number, before: number): number {
  const length = walk.int32();
  const end = walk.at + length;
  if (length < SMALLEST - 1 || end > limit) throw new MalformedError(`a record of ${String(length)} bytes before byte ${String(walk.at)}`);
  walk.end = end;
  const at = walk.at + 1; // after the attributes, which mean nothing yet
  walk.at = at;
  walk.skipInt64();
  const offsetDelta = walk.int32();
  if (offsetDelta <= before) throw new MalformedError(`an offset delta of ${String(offsetDelta)} after ${String(before)}`);
  index[cell] = offsetDelta;
  index[cell + 1] = at;
  index[cell + 3] = walk.int32();
  index[cell + 2] = pass(walk, index[cell + 3] ?? 0, -1);
  index[cell + 5] = walk.int32();
  index[cell + 4] = pass(walk, index[cell + 5] ?? 0, -1);
  passHeaders(walk);
  if (walk.at !== end) throw new MalformedError(`a record that ends at byte ${String(walk.at)}, by its length at ${String(end)}`);
  walk.end = limit;
  return offsetDelta;
}

/** Passes over that many bytes, -1 being none, and returns where they begin. */
function pass(walk: VarintWalk, length: number, smallest: number): number {
  const at = walk.at;
  if (length < smallest || length > walk.end - at)
    throw new MalformedError(`${String(length)} bytes wanted at byte ${String(at)} of the records`);
  if (length > 0) walk.at = at + length;
  return at;
}

function passHeaders(walk: VarintWalk): void {
  const count = walk.int32();
  if (count < 0) throw new MalformedError(`${String(count)} headers before byte ${String(walk.at)} of the records`);
  for (let i = 0; i < count; i++) {
    pass(walk, walk.int32(), 0);
    pass(walk, walk.int32(), -1);
  }
}

/** The timestamp delta of a record: `at` from its index. Milliseconds after the batch's base timestamp. */
export function timestampDelta(body: Buffer, at: number): number {
  return varlongAt(body, at);
}
