import { createRequire } from 'node:module';
import * as zlib from 'node:zlib';
import { inflaterOf, type Inflate } from '../../src/protocol/compression.ts';

/** What the tests of codecs read: bytes compressed by other hands than ours. */
interface Sample {
  readonly what: string;
  readonly compressed: Buffer;
  readonly body: Buffer;
  /** Bytes at its end that may be missing unnoticed. */
  readonly checksum?: number;
  /** At how many lengths it may be cut unnoticed. */
  readonly borders?: number;
}

export type Codec = 'gzip' | 'snappy' | 'lz4' | 'zstd';

interface CodecReader {
  readonly codec: Codec;
  readonly by: string;
  readonly inflate: Inflate;
}

const require = createRequire(import.meta.url);

/** What `require` says of a package that is not there. */
export function absent(name: string): never {
  throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
}

/** Only that package is installed. */
export function having(only: string): (name: string) => unknown {
  return (name) => (name === only ? (require(name) as unknown) : absent(name));
}

const codecOf = { snappy: 'snappy', snappyjs: 'snappy', 'lz4-napi': 'lz4', lz4js: 'lz4', fzstd: 'zstd' } as const;

/** The packages that read a codec; one empty name where Node does. */
export function packagesOf(codec: Codec): readonly string[] {
  return codec === 'gzip' ? [''] : Object.entries(codecOf).flatMap(([name, read]) => (read === codec ? [name] : []));
}

export function only(by: keyof typeof codecOf): CodecReader {
  return { codec: codecOf[by], by, inflate: inflaterOf(having(by), {}) };
}

const native = 'zstdDecompressSync' in zlib ? [{ codec: 'zstd', by: 'Node', inflate: inflaterOf(absent) } as const] : [];

/** Each way in which a codec is read. */
export const readers: readonly CodecReader[] = [
  { codec: 'gzip', by: 'Node', inflate: inflaterOf(absent) },
  ...(['snappy', 'snappyjs', 'lz4-napi', 'lz4js', 'fzstd'] as const).map(only),
  ...native,
];

/** Lines that repeat themselves as records do. */
export const text: Buffer = Buffer.from(Array.from({ length: 60 }, (_, i) => `record ${i} of ${i * i}\n`).join(''));

/** `text` by zstd's own library: with its size in the header and in one block; as a stream in two blocks, with a checksum. */
export const zstdFrames: Readonly<Record<'single' | 'unknown', Buffer>> = {
  single: Buffer.from(
    `KLUv/WAAAzUHAJLMGxTAJcMBIFBa499dKaVMKSVWxekJAcLIvbQ3+67vV3wQH8OH8OfDdJQO0hsddMsmDy2zhF81tZty3bu5sTZWqVZNpCGHIxTOyZNMmw5OWmapaM7x
     Ui6pTcY2KguVRyrnZa6amxDDgGCIIWAgABAYBHaoIOK6nwGgoxS2ARAwSoTSAwUt7KxtYefmzUZlQ7OnFyOiiN6InIjeFqSAlbpzCCUmuKEIiB/DsiUAcTiICgtWzgDd
     e3U+mvVebic9Lc4bax9mxWpqKYGoroZdTPJMC0OyfGPduPNupB3LuVkza8KZyD8F`,
    'base64',
  ),
  unknown: Buffer.from(
    `KLUv/QRYFAUAckYRE6AlzQFghO0fAMJ3d6/cNHHfrMcpwhBBxfH+Ptu++hp7e8VjlJ0w8eq5LJtG7YuZwaxh9oysLpsm9RmAEGGIEMEwAoMhOyCwoxYHhZdVc0XhZatd
     2dOYtiYUNaatiYpqrAUCwz/r0rG3sC4r3WbaJiU4xmprQlFj2rZJIbyM4IDJomVj35b4uNi3JTyWxcS3WII/LvZl3bMl/8piw7VKjQQAg0YMgMFSGVF1KhoqqslL4CXu
     EnbVJXoFXfGdueJStti7NjXRSioSzdFDUzRTEkMkhixJBDogoLPzQtS8t+beNfeMvaLm3jX31ry35t6LjanbhE67ddrV2S5EwZY2BBa82cGcrKANt4BIgtmueMNzyCwa
     8Yo0HBpwGfaDaMG2TCRgnItrccVit1husTFtm2jiCqt9GnM=`,
    'base64',
  ),
};

type Compress = (body: Buffer, options?: object) => Buffer;

function by(name: string, call: string): Compress {
  return (body, options) => (require(name) as Readonly<Record<string, Compress | undefined>>)[call]?.(body, options) ?? absent(name);
}

/** One raw chunk. */
export function snappyOf(body: Buffer): Buffer {
  return by('snappy', 'compressSync')(body);
}

/** What writes a codec here. */
export const compressors: Readonly<Record<'gzip' | 'snappy' | 'lz4', (body: Buffer) => Buffer>> = {
  gzip: (body) => zlib.gzipSync(body),
  snappy: snappyOf,
  lz4: by('lz4-napi', 'compressFrameSync'),
};

/** Chunks in the framing of the xerial library. */
export function xerial(chunks: readonly Buffer[]): Buffer {
  const header = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1]);
  const length = (chunk: Buffer): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(chunk.length);
    return bytes;
  };
  return Buffer.concat([header, ...chunks.flatMap((chunk) => [length(chunk), chunk])]);
}

/** A frame of lz4 blocks of at most 64 KiB, as Kafka writes it. `linked`: a block may copy from the ones before it. */
export function lz4Frame(blocks: readonly Buffer[], { linked = false }: { readonly linked?: boolean } = {}): Buffer {
  // The last byte is the checksum of the two before it (xxHash32).
  const header = Buffer.from([0x04, 0x22, 0x4d, 0x18, ...(linked ? [0x40, 0x40, 0xc0] : [0x60, 0x40, 0x82])]);
  const length = (block: Buffer): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(block.length);
    return bytes;
  };
  return Buffer.concat([header, ...blocks.flatMap((block) => [length(block), block]), Buffer.alloc(4)]);
}

const noise: Buffer = Buffer.from(Array.from({ length: 3_000 }, (_, i) => (i * i * 31 + (i >> 3) * 7) & 0xff));
const long: Buffer = Buffer.concat(Array.from({ length: 100 }, (_, i) => Buffer.concat([text, noise.subarray(0, i * 10)])));

const bodies: readonly (readonly [string, Buffer])[] = [
  ['text', text],
  ['noise', noise],
  ['long', long],
  ['one byte', Buffer.from('a')],
  ['zeros', Buffer.alloc(200_000)],
];

function snappySamples(): readonly Sample[] {
  const compressors = { snappy: snappyOf, snappyjs: by('snappyjs', 'compress') };
  return Object.entries(compressors).flatMap(([name, compress]) => [
    ...bodies.map(([what, body]) => ({ what: `${name}: ${what}, raw`, compressed: compress(body), body })),
    ...bodies.map(([what, body]) => {
      const [a, b] = [body.subarray(0, body.length >> 1), body.subarray(body.length >> 1)];
      return {
        what: `${name}: ${what}, framed`,
        compressed: xerial([a, b].filter(({ length }) => length > 0).map((half) => compress(half))),
        body,
        borders: 2,
      };
    }),
    {
      what: `${name}: two streams`,
      compressed: Buffer.concat([xerial([compress(text)]), xerial([compress(noise)])]),
      body: Buffer.concat([text, noise]),
      borders: 3,
    },
  ]);
}

function lz4Samples(): readonly Sample[] {
  const napi = by('lz4-napi', 'compressFrameSync');
  const js = by('lz4js', 'compress');
  return bodies.flatMap(([what, body]) => [
    { what: `lz4-napi: ${what}`, compressed: napi(body), body },
    {
      what: `lz4-napi: ${what}, with checksums`,
      compressed: napi(body, { contentChecksum: true, blockChecksums: true }),
      body,
      checksum: 4,
    },
    { what: `lz4js: ${what}`, compressed: Buffer.from(js(body)), body },
  ]);
}

function zstdSamples(): readonly Sample[] {
  const { single, unknown } = zstdFrames;
  const skipped = Buffer.concat([Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]), single]);
  // Raw and run-length blocks, in a frame that does not say its size.
  const plain = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, 0x10, 0, 0, 0x68, 0x69, 0x53, 0x00, 0x00, 0x21]);
  return [
    { what: 'size known', compressed: single, body: text, borders: 1 },
    { what: 'size not known', compressed: unknown, body: text, checksum: 4, borders: 1 },
    { what: 'behind a frame to skip', compressed: skipped, body: text, borders: 2 },
    { what: 'two frames', compressed: Buffer.concat([unknown, single]), body: Buffer.concat([text, text]), borders: 2 },
    { what: 'not compressed', compressed: plain, body: Buffer.from('hi!!!!!!!!!!'), borders: 1 },
  ];
}

/** Bodies of many kinds in a codec, compressed by each package that does. */
export function samples(codec: Codec): readonly Sample[] {
  switch (codec) {
    case 'gzip':
      return bodies.map(([what, body]) => ({ what, compressed: zlib.gzipSync(body), body }));
    case 'snappy':
      return snappySamples();
    case 'lz4':
      return lz4Samples();
    case 'zstd':
      return zstdSamples();
    default:
      return codec satisfies never;
  }
}
