/** What the first four bytes of a frame are. */
const MAGIC = 0x184d2204;
/** Set in the length of a block that is stored as it is. */
const STORED = 0x80000000;
/** A match is so much longer than it says. */
const SHORTEST_MATCH = 4;

interface Block {
  readonly at: number;
  readonly length: number;
  readonly stored: boolean;
  /** What it becomes. */
  readonly size: number;
}

/** Uncompresses one block into `to` at `toAt`, and answers where it ends there. */
export type BlockReader = (from: Buffer, to: Buffer, at: number, length: number, toAt: number) => unknown;

/** How many bytes an lz4 frame becomes. Throws RangeError for what is no frame, and for one that becomes more than `limit`. */
export function measureLz4(body: Buffer, limit: number): number {
  return blocksOf(body, limit).reduce((sum, { size }) => sum + size, 0);
}

/** Uncompresses a frame with something that knows blocks only and checks nothing. */
export function inflateLz4Blocks(body: Buffer, limit: number, read: BlockReader): Buffer {
  const blocks = blocksOf(body, limit);
  const made = Buffer.allocUnsafeSlow(blocks.reduce((sum, { size }) => sum + size, 0));
  let toAt = 0;
  for (const { at, length, stored, size } of blocks) {
    if (stored) body.copy(made, toAt, at, at + length);
    else read(body, made, at, length, toAt);
    toAt += size;
  }
  return made;
}

/**
 * The blocks of a frame, each measured by its sequences.
 *
 *     magic uint32 | flags: version 01, independent blocks, block checksums, content size, content checksum, -, dictionary
 *     largest block, by its number | content size uint64? | dictionary id uint32? | header checksum
 *     (length uint32, the highest bit: stored | data | checksum uint32?)… | 0 uint32 | content checksum uint32?
 *
 * Kafka writes none of the optional fields and checksums; its own CRC covers the batch.
 *
 * Measured before anything is allocated: the packages either trust the sequences or grow without a bound.
 */
function blocksOf(body: Buffer, limit: number): readonly Block[] {
  const { next, largest, independent, checksums } = headerOf(body);
  const blocks: Block[] = [];
  let total = 0;
  let at = next;
  for (;;) {
    const said = uint32At(body, at);
    at += 4;
    if (said === 0) return blocks;
    const stored = said >= STORED;
    const length = stored ? said - STORED : said;
    if (at + length > body.length) throw new RangeError(`a block of ${String(length)} bytes at byte ${String(at)}`);
    const size = stored ? length : measureBlock(body, at, at + length, independent ? 0 : total);
    if (size > largest) throw new RangeError(`a block of ${String(size)} bytes where ${String(largest)} are the most`);
    total += size;
    if (total > limit) throw new RangeError(`more than ${String(limit)} bytes`);
    blocks.push({ at, length, stored, size });
    at += length + (checksums ? 4 : 0);
  }
}

interface Header {
  readonly next: number;
  /** Bytes that a block may become. */
  readonly largest: number;
  /** Nothing is copied from earlier blocks. */
  readonly independent: boolean;
  readonly checksums: boolean;
}

function headerOf(body: Buffer): Header {
  if (uint32At(body, 0) !== MAGIC) throw new RangeError('not an lz4 frame');
  const flags = body[4] ?? 0;
  if (flags >>> 6 !== 1) throw new RangeError(`frame version ${String(flags >>> 6)}`);
  const number = ((body[5] ?? 0) >>> 4) & 7;
  if (number < 4) throw new RangeError(`block size number ${String(number)}`);
  const next = 7 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4);
  return { next, largest: 2 ** (8 + 2 * number), independent: (flags & 0x20) !== 0, checksums: (flags & 0x10) !== 0 };
}

/** What a block becomes: the sum of its literals and matches. A match may reach back into what stands before, `earlier` bytes of it. */
function measureBlock(body: Buffer, from: number, end: number, earlier: number): number {
  const walk = new Sequences(body, from, end);
  let made = 0;
  while (walk.at < end) {
    const token = walk.byte();
    const literals = walk.length(token >>> 4);
    walk.at += literals;
    made += literals;
    if (walk.at >= end) break; // the last one ends behind its literals
    const offset = walk.byte() | (walk.byte() << 8);
    if (offset === 0 || offset > earlier + made) throw new RangeError(`a copy from ${String(offset)} bytes before byte ${String(made)}`);
    made += walk.length(token & 15) + SHORTEST_MATCH;
  }
  if (walk.at !== end) throw new RangeError('a sequence is cut');
  return made;
}

class Sequences {
  at: number;
  private readonly bytes: Buffer;
  private readonly end: number;

  constructor(bytes: Buffer, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  byte(): number {
    if (this.at >= this.end) throw new RangeError('a sequence is cut');
    return this.bytes[this.at++] ?? 0;
  }

  /** Half a byte; where that is full, more bytes are added up to the first that is not. */
  length(half: number): number {
    let length = half;
    if (half === 15) {
      let byte: number;
      do length += byte = this.byte();
      while (byte === 255);
    }
    return length;
  }
}

function uint32At(body: Buffer, at: number): number {
  if (at + 4 > body.length) throw new RangeError('the frame is cut');
  return body.readUInt32LE(at);
}
