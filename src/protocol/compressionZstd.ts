import { measureZstdBlock, type ZstdTables } from './compressionZstdBlock.ts';

const MAGIC = 0xfd2fb528;
/** Frames to be skipped have it with any last four bits. */
const SKIPPABLE = 0x184d2a50;
/** No block becomes more. */
const LARGEST_BLOCK = 128 * 1024;
/** What zstd itself accepts if it is not told otherwise: 128 MiB. */
const LARGEST_WINDOW = 2 ** 27;

/** A window is at least 1 KiB. */
const SMALLEST_WINDOW_POWER = 10;

/** One whole frame. */
interface Frame {
  readonly bytes: Buffer;
  /** What it becomes. */
  readonly size: number;
}

/**
 * The zstd frames of a body (RFC 8878), those to be skipped left out, each measured by its blocks. Throws RangeError for what is no frame, is
 * cut, or has a size or window that lies.
 *
 *     magic uint32 | descriptor: size of content size, single segment, -, -, checksum, size of dictionary id
 *     window byte, if not a single segment | dictionary id? | content size?
 *     (block header uint24: last, kind, size | data)… | checksum uint32?
 *
 * Node reads one frame and says nothing of one that is cut; the package allocates what window and content size say.
 */
export function zstdFrames(body: Buffer): readonly Frame[] {
  const frames: Frame[] = [];
  let at = 0;
  while (at < body.length) {
    const magic = uintAt(body, at, 4);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      at += 8 + uintAt(body, at + 4, 4);
      continue;
    }
    if (magic !== MAGIC) throw new RangeError('not a zstd frame');
    const { size, end } = measureFrame(body, at);
    frames.push({ bytes: body.subarray(at, end), size });
    at = end;
  }
  if (at > body.length) throw new RangeError('the frame is cut');
  return frames;
}

/**
 * The same frame with a window that is no larger than what can come out of it. The package allocates the window of each frame and moves all of it at
 * each block: a producer that compresses in a stream says 2 MiB for a batch of any size, and a frame of a few bytes may say 128 MiB.
 */
export function narrowed({ bytes, size }: Frame): Buffer {
  const isSingle = ((bytes[4] ?? 0) & 0x20) !== 0;
  const power = Math.max(0, Math.ceil(Math.log2(Math.max(1, size))) - SMALLEST_WINDOW_POWER);
  if (isSingle || windowOf(power << 3) >= windowOf(bytes[5] ?? 0)) return bytes;
  const copy = Buffer.from(bytes);
  copy[5] = power << 3;
  return copy;
}

function measureFrame(body: Buffer, start: number): { readonly size: number; readonly end: number } {
  const { next, content, largest, checksum } = headerOf(body, start);
  const tables: ZstdTables = {};
  let size = 0;
  let at = next;
  for (let last = false; !last;) {
    const header = uintAt(body, at, 3);
    last = (header & 1) === 1;
    const kind = (header >>> 1) & 3;
    const said = header >>> 3;
    if (kind === 3 || said > largest) throw new RangeError(`a block of kind ${String(kind)} with ${String(said)} bytes`);
    const from = at + 3;
    at = from + (kind === 1 ? 1 : said);
    if (at > body.length) throw new RangeError('a block is cut');
    size += kind === 2 ? measureZstdBlock(body, from, at, largest, tables) : said;
  }
  if (content !== undefined && content !== size) {
    throw new RangeError(`${String(content)} bytes by its header, ${String(size)} by its blocks`);
  }
  return { size, end: at + (checksum ? 4 : 0) };
}

interface Header {
  readonly next: number;
  /** Bytes that it becomes, where it says so. */
  readonly content: number | undefined;
  /** Bytes that a block may become. */
  readonly largest: number;
  readonly checksum: boolean;
}

function headerOf(body: Buffer, start: number): Header {
  const descriptor = uintAt(body, start + 4, 1);
  const single = (descriptor & 0x20) !== 0;
  if ((descriptor & 0x08) !== 0) throw new RangeError('a frame of a later format');
  const idSize = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const contentSize = [single ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0;
  const contentAt = start + (single ? 5 : 6) + idSize;
  const content = contentSize === 0 ? undefined : contentOf(body, contentAt, contentSize);
  const window = single ? (content ?? 0) : windowOf(uintAt(body, start + 5, 1));
  if (window > LARGEST_WINDOW && !single) throw new RangeError(`a window of ${String(window)} bytes`);
  return { next: contentAt + contentSize, content, largest: Math.min(window, LARGEST_BLOCK), checksum: (descriptor & 0x04) !== 0 };
}

function contentOf(body: Buffer, at: number, size: number): number {
  if (size === 8) return uintAt(body, at, 4) + uintAt(body, at + 4, 4) * 2 ** 32;
  return uintAt(body, at, size) + (size === 2 ? 256 : 0);
}

function windowOf(byte: number): number {
  const base = 2 ** (SMALLEST_WINDOW_POWER + (byte >>> 3));
  return base + (base / 8) * (byte & 7);
}

function uintAt(body: Buffer, at: number, size: number): number {
  if (at + size > body.length) throw new RangeError('the frame is cut');
  return body.readUIntLE(at, size);
}
