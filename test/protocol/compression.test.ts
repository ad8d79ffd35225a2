import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { UnsupportedCodecError } from '../../src/errors/index.ts';
import { compressionOf, inflate } from '../../src/protocol/compression.ts';
import { MalformedError } from '../../src/protocol/MalformedError.ts';

test('none and gzip', () => {
  const body = Buffer.concat([randomBytes(100_000), Buffer.alloc(100_000)]);
  expect(inflate('none', body)).toBe(body);
  expect(inflate('gzip', gzipSync(body)).equals(body)).toBe(true);
});

test('what is not gzip, or cut, is malformed', () => {
  const good = gzipSync(randomBytes(1000));
  for (const bad of [Buffer.from('no gzip'), good.subarray(0, 500), Buffer.alloc(0)])
    expect(() => inflate('gzip', bad)).toThrow(MalformedError);
});

test('the codecs by number, as Kafka numbers them', () => {
  expect([0, 1, 2, 3, 4, 5, 7].map(compressionOf)).toEqual(['none', 'gzip', 'snappy', 'lz4', 'zstd', 'codec 5', 'codec 7']);
});

test.each([
  ['snappy', 'npm install snappy'],
  ['lz4', 'npm install lz4-napi'],
  ['zstd', 'npm install fzstd'],
  ['codec 6', 'Use another codec.'],
] as const)('%s: %s', (codec, advice) => {
  expect.assertions(2);
  try {
    inflate(codec, Buffer.alloc(10));
  } catch (error) {
    expect(error).toBeInstanceOf(UnsupportedCodecError);
    expect(error).toMatchObject({ codec, advice, code: 'UNSUPPORTED_COMPRESSION_TYPE' });
  }
});
