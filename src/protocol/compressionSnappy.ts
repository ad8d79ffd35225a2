/** Kafka's Java clients write snappy in the framing of the xerial library, librdkafka writes it raw; both are read everywhere. */
const MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
/** Magic, version, oldest version that can read it. */
const XERIAL_HEADER = 16;

/**
 * The raw snappy chunks of a body, each measured: what they become is what they say, and all together it is not more than `limit`.
 *
 *     raw     one chunk
 *     xerial  82 'SNAPPY' 00 | version int32 | compatible version int32 | (length int32 | chunk)…, the header again wherever a stream was
 *             appended to another
 *
 * Raw bytes cannot be taken for framed ones: read as raw, the magic is a copy of something before the beginning.
 *
 * Measured before anything is allocated, since a length that lies costs as much memory as it says, and not every package notices.
 */
export function snappyChunks(body: Buffer, limit: number): readonly Buffer[] {
  const chunks = isHeader(body, 0) ? xerialChunks(body) : [body];
  let total = 0;
  for (const chunk of chunks) {
    total += measureSnappy(chunk);
    if (total > limit) throw new RangeError(`more than ${String(limit)} bytes`);
  }
  return chunks;
}

function isHeader(body: Buffer, at: number): boolean {
  return body.length - at >= MAGIC.length && body.compare(MAGIC, 0, MAGIC.length, at, at + MAGIC.length) === 0;
}

function xerialChunks(body: Buffer): readonly Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  while (at < body.length) {
    if (isHeader(body, at)) {
      at += XERIAL_HEADER;
      continue;
    }
    const from = at + 4;
    const end = from + (from <= body.length ? body.readInt32BE(at) : 0);
    if (end < from || end > body.length) throw new RangeError(`a chunk of ${String(end - from)} bytes at byte ${String(at)}`);
    chunks.push(body.subarray(from, end));
    at = end;
  }
  if (at !== body.length) throw new RangeError('the header is cut');
  return chunks;
}

/**
 * How many bytes a raw chunk becomes, by its elements. Throws RangeError where that is not what it says, or an element reaches outside.
 *
 *     varint length | (tag, its lowest two bits the kind | 0: literal, 1 to 3: a copy with an offset of 1, 2 or 4 bytes)…
 */
function measureSnappy(chunk: Buffer): number {
  const { value: said, next } = lengthOf(chunk);
  let made = 0;
  let at = next;
  while (at < chunk.length) {
    const tag = chunk[at++] ?? 0;
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >>> 2;
      const extra = Math.max(0, short - 59);
      const length = (extra === 0 ? short : uintAt(chunk, at, extra)) + 1;
      at += extra + length;
      made += length;
    } else {
      const size = kind === 3 ? 4 : kind;
      const low = uintAt(chunk, at, size);
      const offset = kind === 1 ? ((tag >>> 5) << 8) | low : low;
      if (offset === 0 || offset > made) throw new RangeError(`a copy from ${String(offset)} bytes before byte ${String(made)}`);
      at += size;
      made += kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    }
  }
  if (at !== chunk.length) throw new RangeError('an element is cut');
  if (made !== said) throw new RangeError(`${String(made)} bytes, by its length ${String(said)}`);
  return made;
}

function lengthOf(chunk: Buffer): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let at = 0; at < 5 && at < chunk.length; at++) {
    const byte = chunk[at] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { value, next: at + 1 };
  }
  throw new RangeError('a length that does not end');
}

function uintAt(chunk: Buffer, at: number, size: number): number {
  if (at + size > chunk.length) throw new RangeError('an element is cut');
  return chunk.readUIntLE(at, size);
}
