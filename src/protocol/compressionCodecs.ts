import { gunzipSync } from 'node:zlib';
import { inflateLz4Blocks, measureLz4 } from './compressionLz4.ts';
import { snappyChunks } from './compressionSnappy.ts';
import { narrowed, zstdFrames } from './compressionZstd.ts';

/** Gives the exports of a package, or throws. */
export type Load = (name: string) => unknown;

/** Uncompresses at most `limit` bytes; throws for more, and for bytes that are not in its codec. */
export type Reader = (body: Buffer, limit: number) => Buffer;

type Call = (...args: readonly unknown[]) => unknown;

/** A package that reads a codec: which function of it, and how that is used. */
interface Package {
  readonly name: string;
  readonly function: string;
  readonly reader: (call: Call) => Reader;
}

/** gunzip grows by pieces of that many bytes: a batch of the usual size is one. */
const GZIP_PIECE = 64 * 1024;

const gzip: Reader = (body, limit) => gunzipSync(body, { maxOutputLength: limit, chunkSize: GZIP_PIECE });

/** Optional peers, the better one first. */
const packages: ReadonlyMap<string, readonly Package[]> = new Map([
  [
    'snappy',
    [
      { name: 'snappy', function: 'uncompressSync', reader: (call: Call) => snappy((chunk) => call(chunk, { asBuffer: true })) },
      { name: 'snappyjs', function: 'uncompress', reader: snappy },
    ],
  ],
  [
    'lz4',
    [
      { name: 'lz4-napi', function: 'decompressFrameSync', reader: lz4 },
      {
        name: 'lz4js',
        function: 'decompressBlock',
        reader:
          (call: Call): Reader =>
          (body, limit) =>
            inflateLz4Blocks(body, limit, call),
      },
    ],
  ],
  ['zstd', [{ name: 'fzstd', function: 'decompress', reader: zstd }]],
]);

/** The package to install for a codec; empty if there is none. */
export function packageFor(codec: string): string {
  return packages.get(codec)?.[0]?.name ?? '';
}

/**
 * What reads that codec: Node itself, as `zlib` says (its module; zstd is there from 22.15 and 23.8 on), or a package. Otherwise why a package
 * that is there cannot be used; undefined where none is there.
 */
export function readerOf(codec: string, load: Load, zlib: object): Reader | Error | undefined {
  if (codec === 'gzip') return gzip;
  const own = codec === 'zstd' ? zstdOf(zlib) : undefined;
  if (own !== undefined) return own;
  let why: Error | undefined;
  for (const one of packages.get(codec) ?? []) {
    const call = loaded(one, load);
    if (typeof call === 'function') return one.reader(call);
    why ??= call;
  }
  return why;
}

/** A package that is there and breaks, as one does whose binary is for another platform, is told from one that is not there. */
function loaded({ name, function: wanted }: Package, load: Load): Call | Error | undefined {
  try {
    const found: unknown = Reflect.get(Object(load(name)) as object, wanted);
    return typeof found === 'function' ? (found as Call) : new Error(`this version of ${name} has no ${wanted}`);
  } catch (cause) {
    if (!(cause instanceof Error)) return new Error(String(cause));
    const absent = 'code' in cause && cause.code === 'MODULE_NOT_FOUND' && cause.message.includes(`'${name}'`);
    return absent ? undefined : cause;
  }
}

/** Node takes a bound, and one frame at a time. */
function zstdOf(zlib: object): Reader | undefined {
  const call: unknown = Reflect.get(zlib, 'zstdDecompressSync');
  if (typeof call !== 'function') return undefined;
  return (body, limit) => {
    let left = limit;
    const parts: Buffer[] = [];
    for (const { bytes } of zstdFrames(body)) {
      if (left <= 0) throw tooMuch(limit);
      const part = bytesOf((call as Call)(bytes, { maxOutputLength: left }));
      left -= part.length;
      parts.push(part);
    }
    return joined(parts);
  };
}

function snappy(call: Call): Reader {
  return (body, limit) => joined(snappyChunks(body, limit).map((chunk) => bytesOf(call(chunk))));
}

function lz4(call: Call): Reader {
  return (body, limit) => {
    const size = measureLz4(body, limit);
    const bytes = bytesOf(call(body));
    if (bytes.length !== size) throw new RangeError(`${String(bytes.length)} bytes came out of blocks that hold ${String(size)}`);
    return bytes;
  };
}

/** The package takes no bound: what could pass it is refused. */
function zstd(call: Call): Reader {
  return (body, limit) => {
    const frames = zstdFrames(body);
    if (frames.reduce((sum, { size }) => sum + size, 0) > limit) throw tooMuch(limit);
    return joined(frames.map((frame) => bytesOf(call(narrowed(frame)))));
  };
}

function tooMuch(limit: number): RangeError {
  return new RangeError(`more than ${String(limit)} bytes`);
}

function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts);
}

function bytesOf(made: unknown): Buffer {
  if (Buffer.isBuffer(made)) return made;
  if (made instanceof Uint8Array) return Buffer.from(made.buffer, made.byteOffset, made.length);
  throw new TypeError('the package did not answer with bytes');
}
