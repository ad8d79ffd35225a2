import { describe, expect, test } from 'vitest';
import { MalformedError } from '../../src/protocol/MalformedError.ts';
import { Reader } from '../../src/protocol/reader.ts';
import { between, message, since, struct, tagged } from '../../src/protocol/schema.ts';
import { array, bytes, int16, int32, nullable, string, type Type } from '../../src/protocol/types.ts';
import { Writer } from '../../src/protocol/writer.ts';

interface Sample {
  readonly old: number;
  readonly name: string | null;
  readonly extra: number;
  readonly inner: { readonly a: number };
  readonly list: readonly number[];
}

const sample = message(
  2,
  struct<Sample>({
    old: between(0, 0, int16, 7),
    name: since(0, nullable(string, 1)),
    extra: tagged(3, 2, int32, -1),
    inner: tagged(1, 3, struct<Sample['inner']>({ a: since(3, int16, 5) })),
    list: since(1, array(int16)),
  }),
);

const value: Sample = { old: 1, name: 'x', extra: 4, inner: { a: 6 }, list: [2] };
const hexOf = (version: number, of: Sample): string => {
  const writer = new Writer();
  sample.write(writer, of, version);
  return writer.finish().toString('hex');
};
const read = (version: number, hex: string): Sample => sample.read(new Reader(Buffer.from(hex, 'hex')), version);
const readOne = <T>(type: Type<T>, hex: string, flexible: boolean): T =>
  type.read(new Reader(Buffer.from(hex, 'hex')), { version: 9, flexible });

describe('a schema', () => {
  test('writes each version as it is', () => {
    expect(hexOf(0, value)).toBe('0001' + '000178');
    expect(hexOf(1, value)).toBe('000178' + '00000001' + '0002');
    expect(hexOf(2, value)).toBe('0278' + '02' + '0002' + '01' + '0304' + '00000004');
    // Tags in the order of their numbers, not of the fields; a struct ends with a tag section of its own.
    expect(hexOf(3, value)).toBe('0278' + '02' + '0002' + '02' + '0103' + '0006' + '00' + '0304' + '00000004');
  });

  test('reads each version, with defaults for what it lacks', () => {
    expect(read(0, hexOf(0, value))).toEqual({ old: 1, name: 'x', extra: -1, inner: { a: 5 }, list: [] });
    expect(read(1, hexOf(1, value))).toEqual({ old: 7, name: 'x', extra: -1, inner: { a: 5 }, list: [2] });
    expect(read(3, hexOf(3, value))).toEqual({ ...value, old: 7 });
  });

  test('does not write tagged fields at their default', () => {
    expect(hexOf(3, { ...value, extra: -1, inner: { a: 5 } })).toBe('0278' + '02' + '0002' + '00');
  });

  test('passes over tags that it does not know, or not in this version', () => {
    expect(read(2, '00' + '01' + '02' + '0102' + 'ffff' + '0901' + 'aa')).toEqual({
      ...value,
      old: 7,
      name: null,
      list: [],
      extra: -1,
      inner: { a: 5 },
    });
  });

  test('refuses null where the version has none', () => {
    expect(() => hexOf(0, { ...value, name: null })).toThrow(RangeError);
    expect(() => read(0, '0001' + 'ffff')).toThrow(MalformedError);
    expect(read(1, 'ffff' + '00000000').name).toBeNull();
    expect(() => read(1, 'ffff' + 'ffffffff')).toThrow(MalformedError);
  });

  test('refuses lengths below null', () => {
    expect(() => readOne(nullable(array(int16)), 'fffffffe', false)).toThrow(MalformedError);
    expect(() => readOne(nullable(bytes), 'fffffffe', false)).toThrow(MalformedError);
    expect(() => readOne(nullable(string), 'fffe', false)).toThrow(MalformedError);
  });

  test('an array that lies about its length neither allocates nor hangs', () => {
    expect(() => readOne(array(int16), '7fffffff' + '0001', false)).toThrow('an array of 2147483647 in 2 bytes');
    expect(() => readOne(array(array(int16)), 'ffffffff0f' + '0001', true)).toThrow(MalformedError);
  });

  test('refuses a string that Kafka would', () => {
    expect(() => hexOf(1, { ...value, name: 'ä'.repeat(16384) })).toThrow(RangeError);
  });

  test('bytes and strings of both layouts', () => {
    expect(readOne(bytes, '00000002' + 'aabb', false)).toEqual(Buffer.from('aabb', 'hex'));
    expect(readOne(bytes, '03' + 'aabb', true)).toEqual(Buffer.from('aabb', 'hex'));
    expect(readOne(string, '0002' + 'c3a4', false)).toBe('ä');
    expect(readOne(nullable(string), '00', true)).toBeNull();
  });
});
