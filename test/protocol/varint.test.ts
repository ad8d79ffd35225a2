import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedError } from '../../src/protocol/MalformedError.ts';
import { varlongAt, VarintWalk } from '../../src/protocol/varint.ts';
import { Writer } from '../../src/protocol/writer.ts';

/** Zigzag by the book, with BigInt. */
function zigzag(value: bigint): Buffer {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

const walk = (bytes: Buffer): VarintWalk => new VarintWalk(bytes, 0, bytes.length);

describe('varints', () => {
  test('of 64 bits are exact, both ways', () => {
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -70, max: 70 })), (value) => {
        const writer = new Writer();
        writer.varlong(value);
        expect(writer.finish()).toEqual(zigzag(BigInt(value)));
        expect(varlongAt(zigzag(BigInt(value)), 0)).toBe(value === 0 ? 0 : value);
        const skipping = walk(zigzag(BigInt(value)));
        skipping.skipInt64();
        expect(skipping.at).toBe(skipping.end);
      }),
    );
  });

  test('of 32 bits are exact', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const reading = walk(zigzag(BigInt(value)));
        expect([reading.int32(), reading.at]).toEqual([value, reading.end]);
      }),
    );
  });

  test('that a number would round are refused', () => {
    const edge = BigInt(Number.MAX_SAFE_INTEGER);
    for (const value of [edge + 1n, -edge - 1n, 2n ** 63n - 1n, -(2n ** 63n)]) {
      expect(() => varlongAt(zigzag(value), 0)).toThrow(MalformedError);
      expect(() => walk(zigzag(value)).skipInt64()).toThrow(MalformedError);
    }
  });

  test('that do not stop are refused', () => {
    expect(() => varlongAt(Buffer.alloc(11, 0x80), 0)).toThrow(MalformedError);
    expect(() => walk(Buffer.concat([Buffer.alloc(10, 0x80), Buffer.alloc(1)])).skipInt64()).toThrow(MalformedError);
    expect(() => walk(Buffer.from('ffffffff10', 'hex')).int32()).toThrow(MalformedError);
    expect(() => walk(Buffer.from('808080808000', 'hex')).int32()).toThrow(MalformedError);
  });

  test('do not go beyond the end, though the buffer goes on', () => {
    const bytes = Buffer.from([0x80, 0x80, 0x01]);
    for (const end of [0, 1, 2]) {
      expect(() => new VarintWalk(bytes, 0, end).int32()).toThrow(MalformedError);
      expect(() => new VarintWalk(bytes, 0, end).skipInt64()).toThrow(MalformedError);
    }
  });
});
