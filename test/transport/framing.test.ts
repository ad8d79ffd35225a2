import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameCollector, FramingError, MAX_FRAME_LENGTH } from '../../src/transport/framing.ts';

function framed(body: Buffer): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeInt32BE(body.length);
  return Buffer.concat([prefix, body]);
}

function announcing(length: number): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeInt32BE(length);
  return prefix;
}

/** Cuts the bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
}

function collect(chunks: readonly Buffer[], max?: number): readonly Buffer[] {
  const frames: Buffer[] = [];
  const collector = new FrameCollector(max);
  for (const chunk of chunks) collector.push(chunk, (frame) => frames.push(frame));
  return frames;
}

const bodies = fc.array(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  { maxLength: 12 },
);

describe('framing', () => {
  test('the same frames come out however the bytes are cut', () => {
    fc.assert(
      fc.property(bodies, fc.array(fc.nat(5_000), { maxLength: 40 }), (sent, places) => {
        expect(collect(cut(Buffer.concat(sent.map(framed)), places))).toEqual(sent);
      }),
    );
  });

  test('one byte at a time', () => {
    const sent = [Buffer.from('abc'), Buffer.alloc(0), Buffer.from('defghij')];
    const bytes = Buffer.concat(sent.map(framed));
    expect(collect(Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(sent);
  });

  test('a frame within one chunk is a view of it', () => {
    const chunk = framed(Buffer.from('abc'));
    expect(collect([chunk])[0]?.buffer).toBe(chunk.buffer);
  });

  test('a frame of many chunks is collected in time linear in its length', () => {
    const LENGTH = 8 * 1024 * 1024;
    const chunk = Buffer.alloc(64, 7);
    const chunks = [announcing(LENGTH), ...Array.from({ length: LENGTH / 64 }, () => chunk)];
    // 131,072 chunks. Concatenating at each would copy half a terabyte.
    expect(collect(chunks).map((frame) => frame.length)).toEqual([LENGTH]);
  });

  test.each([-1, -2_147_483_648, 11, 0x15030300])('a length of %i is refused by name, after the frames before it', (length) => {
    const frames: string[] = [];
    const collector = new FrameCollector(10);
    const read = (): void =>
      collector.push(Buffer.concat([framed(Buffer.from('good')), announcing(length)]), (frame) => frames.push(frame.toString()));
    expect(read).toThrow(FramingError);
    expect(frames).toEqual(['good']);
    expect(() => collect([announcing(length)], 10)).toThrow(String(length));
  });

  test('the longest frame that is believed', () => {
    expect(collect([framed(Buffer.alloc(10))], 10)).toHaveLength(1);
    expect(() => collect([announcing(MAX_FRAME_LENGTH + 1)])).toThrow(FramingError);
    expect(collect([announcing(MAX_FRAME_LENGTH)])).toEqual([]);
  });

  test('nothing is allocated for a length that was refused', () => {
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 100; i += 1) expect(() => collect([announcing(0x7fffffff)])).toThrow(FramingError);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });
});
