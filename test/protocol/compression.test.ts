import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import process from 'node:process';
import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { UnsupportedCodecError } from '../../src/errors/index.ts';
import { compressionOf, inflate, inflaterOf, MAX_INFLATED, type Compression, type Inflate } from '../../src/protocol/compression.ts';
import { readerOf, type Load } from '../../src/protocol/compressionCodecs.ts';
import { MalformedError } from '../../src/protocol/MalformedError.ts';
import { encodeBatch } from '../../src/protocol/encodeBatch.ts';
import { BatchView } from '../../src/protocol/recordBatch.ts';
import { indexRecords, STRIDE } from '../../src/protocol/recordIndex.ts';
import {
  absent,
  compressors,
  having,
  lz4Frame,
  only,
  packagesOf,
  readers,
  samples,
  snappyOf,
  text,
  xerial,
  zstdFrames,
  type Codec,
} from './compressed.ts';

test('none and gzip', () => {
  const body = Buffer.concat([randomBytes(100_000), Buffer.alloc(100_000)]);
  expect(inflate('none', body)).toBe(body);
  expect(inflate('gzip', gzipSync(body)).equals(body)).toBe(true);
});

test('the codecs by number, as Kafka numbers them', () => {
  expect([0, 1, 2, 3, 4, 5, 7].map(compressionOf)).toEqual(['none', 'gzip', 'snappy', 'lz4', 'zstd', 'codec 5', 'codec 7']);
});

describe.each(readers)('$codec by $by', ({ codec, inflate }) => {
  test('is read', () => {
    for (const { what, compressed, body } of samples(codec)) expect(inflate(codec, compressed).equals(body), what).toBe(true);
  });

  test('is read where it lies in the middle of other bytes', () => {
    for (const { what, compressed, body } of samples(codec)) {
      const around = Buffer.concat([Buffer.alloc(5, 0xff), compressed, Buffer.alloc(5, 0xff)]);
      expect(inflate(codec, around.subarray(5, 5 + compressed.length)).equals(body), what).toBe(true);
    }
  });

  test('that is cut anywhere is malformed, or a beginning where a chunk or frame ends: the count of records tells', () => {
    for (const { what, compressed, body, checksum = 0, borders = 0 } of samples(codec)) {
      const step = Math.max(1, Math.floor(compressed.length / 150));
      let beginnings = 0;
      for (let length = 0; length < compressed.length - checksum; length += step) {
        const made = attempt(inflate, codec, compressed.subarray(0, length));
        if (made === undefined) continue;
        beginnings++;
        expect([made.length < body.length, made.equals(body.subarray(0, made.length))], `${what}, ${length}`).toEqual([true, true]);
      }
      expect(beginnings, what).toBeLessThanOrEqual(borders);
    }
  });

  test('with any byte changed it is bytes or malformed: no other error, and it ends', () => {
    for (const { compressed, body } of samples(codec)) {
      const step = Math.ceil(compressed.length / (body.length > 10_000 ? 10 : 100));
      for (let at = 0; at < compressed.length; at += step) {
        for (const byte of [0, 0x7f, 0xff, (compressed[at] ?? 0) ^ 1]) {
          const bad = Buffer.from(compressed);
          bad[at] = byte;
          attempt(inflate, codec, bad);
        }
      }
    }
  });

  test('what is in another codec is malformed', () => {
    for (const bad of [Buffer.from('no such thing, and long enough to be one'), randomBytes(1_000)])
      expect(() => inflate(codec, bad)).toThrow(MalformedError);
  });
});

/** undefined: malformed. Throws any other error. */
function attempt(inflate: Inflate, codec: Compression, bytes: Buffer): Buffer | undefined {
  try {
    const made = inflate(codec, bytes);
    expect(made).toBeInstanceOf(Buffer);
    return made;
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return undefined;
  }
}

describe('lengths that lie', () => {
  const everySnappy = readers.filter(({ codec }) => codec === 'snappy');
  const everyLz4 = readers.filter(({ codec }) => codec === 'lz4');

  test.each(everySnappy)('snappy by $by: more, or less, than there is', ({ inflate }) => {
    const good = snappyOf(text.subarray(0, 100)); // a length of one byte
    for (const length of [0, 99, 101, 127]) {
      const bad = Buffer.from(good);
      bad[0] = length;
      expect(() => inflate('snappy', bad)).toThrow(/by its length/);
      expect(() => inflate('snappy', xerial([bad]))).toThrow(/by its length/);
    }
  });

  test.each(everySnappy)('snappy by $by: a copy from before the beginning', ({ inflate }) => {
    expect(() => inflate('snappy', Buffer.from([6, 0x04, 0x61, 0x62, 0x01, 0x03]))).toThrow(/a copy from 3 bytes before byte 2/);
    expect(() => inflate('snappy', Buffer.from([6, 0x04, 0x61, 0x62, 0x01, 0x00]))).toThrow(/a copy from 0 bytes/);
  });

  test.each(everyLz4)('lz4 by $by: a copy from before the beginning, and one into an earlier block', ({ inflate }) => {
    const copying = (offset: number): Buffer => Buffer.from([0x20, 0x61, 0x62, offset, 0, 0x50, 1, 2, 3, 4, 5]);
    expect(inflate('lz4', lz4Frame([copying(2)]))).toEqual(Buffer.from([...Buffer.from('ababab'), 1, 2, 3, 4, 5]));
    expect(() => inflate('lz4', lz4Frame([copying(3)]))).toThrow(/a copy from 3 bytes/);
    expect(() => inflate('lz4', lz4Frame([copying(0)]))).toThrow(/a copy from 0 bytes/);
    expect(() => inflate('lz4', lz4Frame([copying(2), copying(5)]))).toThrow(/a copy from 5 bytes/);
    expect(inflate('lz4', lz4Frame([copying(2), copying(5)], { linked: true })).subarray(-9)).toEqual(
      Buffer.from([...Buffer.from('\x03\x04\x05a'), 1, 2, 3, 4, 5]),
    );
  });

  test.each(everyLz4)('lz4 by $by: a block larger than the largest', ({ inflate }) => {
    const bad = lz4Frame([Buffer.concat([Buffer.from([0x1f, 0x61, 1, 0]), Buffer.alloc(300, 255), Buffer.from([0, 0x50, 1, 2, 3, 4, 5])])]);
    expect(() => inflate('lz4', bad)).toThrow(/a block of 765\d\d bytes where 65536 are the most/);
  });

  test('zstd by fzstd: a content size, a window and a block that cannot be', () => {
    const { inflate } = only('fzstd');
    const { unknown } = zstdFrames;
    const changed = (bytes: Buffer, change: (copy: Buffer) => unknown): Buffer => {
      const copy = Buffer.from(bytes);
      change(copy);
      return copy;
    };
    // Ten bytes in a run, by the header many more.
    const run = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 10, 0, 0, 0, 0x53, 0, 0, 0x61]);
    expect(inflate('zstd', run)).toEqual(Buffer.alloc(10, 'a'));
    expect(() =>
      inflate(
        'zstd',
        changed(run, (copy) => copy.writeUInt32LE(200_000_000, 5)),
      ),
    ).toThrow(/200000000 bytes by its header, 10 by its blocks/);
    expect(() =>
      inflate(
        'zstd',
        changed(unknown, (copy) => (copy[5] = 0xf8)),
      ),
    ).toThrow(/a window of/);
    expect(() =>
      inflate(
        'zstd',
        changed(unknown, (copy) => (copy[6] = (copy[6] ?? 0) | 6)),
      ),
    ).toThrow(/a block of kind 3/);
  });
});

/** One compressed block of literals that are one `a`, and so many sequences whose tables are one symbol each. */
function zstdBlock(sequences: number, match: number, bits: readonly number[]): Buffer {
  const block = Buffer.from([9, 0x61, 255, 0, 0, 0x54, 0, 0, match, ...bits]);
  block.writeUInt16LE(sequences - 0x7f00, 3);
  const header = Buffer.alloc(3);
  header.writeUIntLE(block.length * 8 + 5, 0, 3);
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]), header, block]);
}

describe('zstd by fzstd, which believes each sequence', () => {
  const { inflate } = only('fzstd');

  test.each([
    ['whose bits end', zstdBlock(90_000, 52, [0, 0, 0, 1]), /the bits of the sequences are too few/],
    ['that make more than a block may', zstdBlock(90_000, 0, [1]), /sequences of more than 1 literals, or 131072 bytes/],
    ['of a code that there is none of', zstdBlock(40_000, 53, [1]), /a code 53 of sequences/],
    ['without bits', zstdBlock(40_000, 0, [0]), /bits without a beginning/],
  ])('sequences %s are refused at once', (_, frame, why) => {
    const began = process.cpuUsage();
    expect(() => inflate('zstd', frame)).toThrow(why);
    expect(process.cpuUsage(began).user).toBeLessThan(1_000_000); // microseconds: it would be minutes
  });

  test('sequences that fit are read: a literal, and so many matches of three bytes', () => {
    expect(inflate('zstd', zstdBlock(40_000, 0, [1])).length).toBe(120_001);
  });
});

describe('zstd by fzstd, which allocates the window of each frame', () => {
  const { decompress } = createRequire(import.meta.url)('fzstd') as { readonly decompress: (bytes: Buffer) => Uint8Array };

  /** The window bytes of the frames that the package was given, and what came out. */
  function reading(frame: Buffer): { readonly windows: readonly (number | undefined)[]; readonly made: Buffer } {
    const windows: (number | undefined)[] = [];
    const load: Load = (name) =>
      name === 'fzstd' ? { decompress: (bytes: Buffer) => (windows.push(bytes[5]), decompress(bytes)) } : absent(name);
    return { made: inflaterOf(load, {})('zstd', frame), windows };
  }

  test.each([0x58, 0x88])('a window of any size is no larger than what can come out: %i', (window) => {
    const frame = Buffer.from(zstdFrames.unknown);
    frame[5] = window;
    const untouched = Buffer.from(frame);
    const { made, windows } = reading(frame);
    expect(made.equals(text.subarray(0, made.length))).toBe(true);
    expect(windows).toEqual([Math.ceil(Math.log2(made.length / 1_024)) << 3]);
    expect(frame).toEqual(untouched);
  });

  test('one that is small already stays', () => {
    const small = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x00, 0x03, 0x10, 0, 0x61]);
    small.writeUIntLE((1_000 << 3) | 3, 6, 3); // 1,000 times the same byte
    expect(reading(small)).toEqual({ windows: [0], made: Buffer.alloc(1_000, 'a') });
  });
});

describe('what becomes more than the limit is malformed, and costs no such memory', () => {
  const limit = 2 ** 20;
  const bombs = { gzip: () => gzipSync(Buffer.alloc(2 * limit)), snappy: () => snappyBomb(limit + 1), lz4: () => lz4Bomb(limit + 1) };

  test.each(['gzip', 'snappy', 'lz4'] as const)('%s', (codec) => {
    for (const name of packagesOf(codec)) {
      const read = readerOf(codec, having(name), {});
      expect(() => (typeof read === 'function' ? read(bombs[codec](), limit) : undefined)).toThrow(/1048576 bytes/);
    }
  });

  test.each(readers.filter(({ codec }) => codec === 'lz4'))('lz4 by $by: the limit is 256 MiB', ({ inflate }) => {
    const bomb = lz4Bomb(MAX_INFLATED + 1);
    const before = process.memoryUsage().arrayBuffers;
    expect(() => inflate('lz4', bomb)).toThrow(/more than 268435456 bytes/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });

  test('zstd by fzstd', () => {
    const blocks = Array.from({ length: MAX_INFLATED / 131_072 + 1 }, () => Buffer.from([0x02, 0x00, 0x10, 0x61]));
    const bomb = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]), ...blocks, Buffer.from([0x01, 0, 0])]);
    expect(() => only('fzstd').inflate('zstd', bomb)).toThrow(/more than 268435456 bytes/);
  });
});

/** Copies of 64 bytes: 21 times its size. */
function snappyBomb(size: number): Buffer {
  const copies = Math.ceil(size / 64);
  const length: number[] = [];
  let rest = 1 + copies * 64;
  for (; rest > 127; rest = Math.floor(rest / 128)) length.push((rest % 128) | 0x80);
  const bomb = Buffer.alloc(length.length + 3 + copies * 3);
  Buffer.from([...length, rest, 0x00, 0x61]).copy(bomb);
  for (let at = length.length + 3; at < bomb.length; at += 3) bomb.set([0xfe, 1, 0], at);
  return bomb;
}

/** Blocks that are one long match each. */
function lz4Bomb(size: number): Buffer {
  const block = Buffer.concat([Buffer.from([0x1f, 0x61, 1, 0]), Buffer.alloc(256, 255), Buffer.from([0, 0x50, 1, 2, 3, 4, 5])]);
  return lz4Frame(Array.from({ length: Math.ceil(size / 65_000) }, () => block));
}

describe('a codec that nothing installed reads', () => {
  test.each([
    ['snappy', 'snappy', 'npm install snappy'],
    ['lz4', 'lz4-napi', 'npm install lz4-napi'],
    ['zstd', 'fzstd', 'npm install fzstd'],
    ['codec 6', '', 'Use another codec.'],
  ] as const)('%s: names the package %s', (codec, install, advice) => {
    const inflate = inflaterOf(absent, {});
    const told = { codec, install, advice, code: 'UNSUPPORTED_COMPRESSION_TYPE', retriable: false };
    expect(thrownBy(() => inflate(codec, Buffer.alloc(10)))).toMatchObject(told);
    expect(thrownBy(() => inflate(codec, Buffer.alloc(10)))).toBeInstanceOf(UnsupportedCodecError);
  });

  test('is looked for again the next time, and kept once it is there', () => {
    const [sample] = samples('snappy');
    const load = vi.fn<Load>(absent);
    const inflate = inflaterOf(load, {});
    const read = (): unknown => sample && thrownBy(() => inflate('snappy', sample.compressed));
    expect([read(), load.mock.calls.flat()]).toEqual([expect.any(UnsupportedCodecError), ['snappy', 'snappyjs']]);
    load.mockImplementation(having('snappyjs'));
    expect([read(), read(), load.mock.calls.flat()]).toEqual([undefined, undefined, ['snappy', 'snappyjs', 'snappy', 'snappyjs']]);
  });

  test('because its package breaks: says why, after the other was tried', () => {
    const broken = new Error('wrong platform');
    const load = (name: string): unknown => {
      if (name === 'snappy') throw broken;
      return absent(name);
    };
    expect(thrownBy(() => inflaterOf(load, {})('snappy', Buffer.alloc(1)))).toMatchObject({ install: 'snappy', cause: broken });
    // What a package itself cannot find is no absence of that package.
    const incomplete = (name: string): unknown => (name === 'snappy' ? absent('@napi-rs/snappy-somewhere') : absent(name));
    expect(thrownBy(() => inflaterOf(incomplete, {})('snappy', Buffer.alloc(1)))).toHaveProperty('cause.code', 'MODULE_NOT_FOUND');
    const older = (name: string): unknown => (name === 'lz4-napi' ? {} : absent(name));
    expect(thrownBy(() => inflaterOf(older, {})('lz4', Buffer.alloc(1)))).toMatchObject({
      cause: { message: 'this version of lz4-napi has no decompressFrameSync' },
    });
  });

  test('nothing is loaded before its codec is met, and zstd never where Node has it', () => {
    const load = vi.fn<Load>(absent);
    const zstdDecompressSync = vi.fn((_frame: Buffer, _options: object) => Buffer.from('by Node'));
    const inflate = inflaterOf(load, { zstdDecompressSync });
    inflate('none', Buffer.alloc(1));
    inflate('gzip', gzipSync('x'));
    const { single, unknown } = zstdFrames;
    expect(inflate('zstd', Buffer.concat([single, unknown])).toString()).toBe('by Nodeby Node');
    // It reads one frame at a time.
    expect(zstdDecompressSync.mock.calls).toEqual([
      [single, { maxOutputLength: MAX_INFLATED }],
      [unknown, { maxOutputLength: MAX_INFLATED - 7 }],
    ]);
    expect(load).not.toHaveBeenCalled();
  });

  function thrownBy(action: () => unknown): unknown {
    try {
      action();
      return undefined;
    } catch (error) {
      return error;
    }
  }
});

test('every codec that Kafka has given out is read here', () => {
  for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] satisfies readonly Compression[])
    for (const { compressed, body } of samples(codec)) expect(inflate(codec, compressed).equals(body)).toBe(true);
});

test('100,000 records in one batch, in each codec that is written here', () => {
  const values = Array.from({ length: 100_000 }, (_, i) => ({ value: Buffer.from(`value ${i}`) }));
  const plain = new BatchView(encodeBatch(values));
  for (const [codec, compress] of Object.entries(compressors)) {
    const compressed = compress(plain.body);
    expect(compressed.length, codec).toBeLessThan(plain.body.length * 0.7);
    const body = inflate(codec as Codec, compressed);
    expect(body.equals(plain.body), codec).toBe(true);
    expect(indexRecords(body, plain.recordCount, plain.lastOffsetDelta)).toHaveLength(100_000 * STRIDE);
  }
}, 60_000);
