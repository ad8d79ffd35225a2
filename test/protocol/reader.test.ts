import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedError } from '../../src/protocol/MalformedError.ts';
import { Reader } from '../../src/protocol/reader.ts';
import { Writer } from '../../src/protocol/writer.ts';

const of = (hex: string): Reader => new Reader(Buffer.from(hex, 'hex'));
const written = (write: (writer: Writer) => void): Buffer => {
  const writer = new Writer(1);
  write(writer);
  return writer.finish();
};

describe('Reader', () => {
  test('reads every integer', () => {
    const reader = of('ff' + '8000' + 'fffe' + '80000000' + 'fffffffe' + '01');
    expect([reader.int8(), reader.int16(), reader.uint16(), reader.int32(), reader.uint32(), reader.bool(), reader.remaining]).toEqual([
      -1,
      -32768,
      65534,
      -2147483648,
      4294967294,
      true,
      0,
    ]);
  });

  test('refuses an int64 that a number would round, at both ends', () => {
    expect(of('001fffffffffffff').int64()).toBe(Number.MAX_SAFE_INTEGER);
    expect(of('ffe0000000000001').int64()).toBe(Number.MIN_SAFE_INTEGER);
    for (const hex of ['0020000000000000', '0020000000000001', '7fffffffffffffff', 'ffe0000000000000', '8000000000000000']) {
      expect(() => of(hex).int64(), hex).toThrow(MalformedError);
    }
  });

  test('refuses a varint of more than 32 bits', () => {
    expect(of('ffffffff0f').uvarint()).toBe(0xffffffff);
    for (const hex of ['ffffffff10', 'ffffffff8f01', '808080808000', 'ffffffffffffffffff01']) {
      expect(() => of(hex).uvarint(), hex).toThrow(MalformedError);
    }
  });

  test.each([
    ['int8', 1],
    ['uint8', 1],
    ['int16', 2],
    ['uint16', 2],
    ['int32', 4],
    ['uint32', 4],
    ['int64', 8],
    ['uuid', 16],
    ['uvarint', 3],
    ['varint', 3],
    ['skipTags', 3],
  ] as const)('%s does not read beyond its end, though the buffer goes on', (what, size) => {
    // As a varint: three bytes. As a tag section: one tag, number 1, empty.
    const buffer = what === 'skipTags' ? Buffer.from('010100', 'hex') : Buffer.from('808001'.padEnd(40, '0'), 'hex');
    if (what === 'int64') buffer.fill(0, 0, 2);
    expect(() => new Reader(buffer, 0, size)[what]()).not.toThrow();
    for (let end = 0; end < size; end++) expect(() => new Reader(buffer, 0, end)[what](), String(end)).toThrow(MalformedError);
  });

  test('refuses lengths that are negative or beyond the end, and stays where it was', () => {
    const reader = of('0102');
    for (const length of [-1, 3, 0x7fffffff]) {
      expect(() => reader.bytes(length)).toThrow(MalformedError);
      expect(() => reader.utf8(length)).toThrow(MalformedError);
      expect(() => reader.part(length)).toThrow(MalformedError);
    }
    expect(reader.remaining).toBe(2);
  });

  test('bytes are a view', () => {
    const buffer = Buffer.from([1, 2, 3]);
    const view = new Reader(buffer).bytes(2);
    buffer[0] = 9;
    expect(view).toEqual(Buffer.from([9, 2]));
  });

  test('a part ends where it ends, and the whole goes on after it', () => {
    const reader = of('01020304');
    const part = reader.part(2);
    expect(part.int16()).toBe(0x0102);
    expect(() => part.int8()).toThrow(MalformedError);
    expect(reader.int16()).toBe(0x0304);
  });

  test('tags: what is left unread is skipped, and a lying size is refused', () => {
    const seen: [number, number][] = [];
    const reader = of('02' + '00' + '02' + 'aabb' + '05' + '01' + 'cc' + '07');
    reader.tags((tag, field) => seen.push([tag, field.remaining]));
    expect(seen).toEqual([
      [0, 2],
      [5, 1],
    ]);
    expect(reader.int8()).toBe(7);
    expect(() => of('010002aa').tags(() => undefined)).toThrow(MalformedError);
    expect(() => of('ffffffff0f').skipTags()).toThrow(MalformedError);
  });
});

describe('Writer and Reader', () => {
  test('agree on every number', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer(), fc.nat({ max: 0xffffffff }), (int64, int32, uint32) => {
        const reader = new Reader(
          written((writer) => {
            writer.int64(int64);
            writer.varint(int32);
            writer.uvarint(uint32);
            writer.uint32(uint32);
          }),
        );
        expect([reader.int64(), reader.varint(), reader.uvarint(), reader.uint32(), reader.remaining]).toEqual([
          int64,
          int32,
          uint32,
          uint32,
          0,
        ]);
      }),
    );
  });

  test('int64 is two halves of two’s complement', () => {
    for (const value of [0, -1, 2 ** 32, -(2 ** 32), -(2 ** 32) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
      const expected = Buffer.alloc(8);
      expected.writeBigInt64BE(BigInt(value));
      expect(written((writer) => writer.int64(value))).toEqual(expected);
    }
  });

  test('refuse to write what does not fit', () => {
    const writer = new Writer();
    expect(() => writer.int8(128)).toThrow(RangeError);
    expect(() => writer.int16(40000)).toThrow(RangeError);
    expect(() => writer.int32(2 ** 31)).toThrow(RangeError);
    expect(() => writer.int64(2 ** 53)).toThrow(RangeError);
    expect(() => writer.int64(1.5)).toThrow(RangeError);
    expect(() => writer.varlong(2 ** 53)).toThrow(RangeError);
    expect(() => writer.uvarint(-1)).toThrow(RangeError);
    expect(() => writer.varint(2 ** 31)).toThrow(RangeError);
    expect(() => writer.uuid('00')).toThrow(RangeError);
    expect(() => writer.uuid('zz'.repeat(16))).toThrow(RangeError);
  });
});
