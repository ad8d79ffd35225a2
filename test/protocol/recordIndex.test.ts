import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBatch, type NewRecord } from '../../src/protocol/encodeBatch.ts';
import { MalformedError } from '../../src/protocol/MalformedError.ts';
import { BatchView } from '../../src/protocol/recordBatch.ts';
import { indexRecords, readHeaders, STRIDE, timestampDelta } from '../../src/protocol/recordIndex.ts';
import { decodedRecords } from './decoded.ts';
import { someRecords } from './samples.ts';

const bodyOf = (records: readonly NewRecord[]): Buffer => new BatchView(encodeBatch(records)).body;
const hex = (bytes: Buffer | null): string | null => bytes?.toString('hex') ?? null;
const body = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('the index of a batch', () => {
  test('finds every field of every record', () => {
    fc.assert(
      fc.property(someRecords, fc.constantFrom('none' as const, 'gzip' as const), (records, compression) => {
        const decoded = decodedRecords(new BatchView(encodeBatch(records, { baseOffset: 50, compression })));
        expect(decoded).toEqual(
          records.map(({ offsetDelta, timestamp, key, value, headers }) => ({
            offset: 50 + offsetDelta,
            timestamp,
            key: hex(key),
            value: hex(value),
            headers: headers.map(([name, bytes]) => [name, hex(bytes)]),
          })),
        );
      }),
    );
  });

  test('has positions as they are documented', () => {
    const bytes = bodyOf([
      { timestamp: 5, key: null, value: null },
      { timestamp: 7, offsetDelta: 3, key: Buffer.from('k'), value: Buffer.from('val'), headers: [['h', null]] },
    ]);
    //  length attributes timestampDelta offsetDelta key value headers
    expect(hex(bytes)).toBe('0c 00 00 00 01 01 00 1a 00 04 06 02 6b 06 76616c 02 02 68 01'.replaceAll(' ', ''));
    expect([...indexRecords(bytes, 2)]).toEqual([0, 2, 5, -1, 6, -1, 3, 9, 12, 1, 14, 3]);
    expect([timestampDelta(bytes, 2), timestampDelta(bytes, 9)]).toEqual([0, 2]);
    expect([...readHeaders(bytes, 17)]).toEqual([['h', null]]);
  });

  test('100,000 records in one batch', () => {
    const records = Array.from({ length: 100_000 }, (_, i) => ({ timestamp: i, value: Buffer.from(String(i)) }));
    const view = new BatchView(encodeBatch(records));
    const index = indexRecords(view.body, view.recordCount, view.lastOffsetDelta);
    expect(index.length).toBe(100_000 * STRIDE);
    for (const i of [0, 1, 99, 50_000, 99_999]) {
      const [delta, at = 0, , keyLength, valueAt = 0, length = 0] = index.subarray(i * STRIDE);
      expect([delta, timestampDelta(view.body, at), keyLength]).toEqual([i, i, -1]);
      expect(view.body.toString('utf8', valueAt, valueAt + length)).toBe(String(i));
    }
  });

  test('timestamps far from the first', () => {
    for (const timestamp of [0, -1, 2 ** 50, -(2 ** 51)]) {
      const [, at = 0] = indexRecords(bodyOf([{ timestamp }]), 1);
      expect(timestampDelta(bodyOf([{ timestamp }]), at)).toBe(0);
      const both = bodyOf([{ timestamp: 1000 }, { timestamp }]);
      expect(timestampDelta(both, indexRecords(both, 2)[STRIDE + 1] ?? 0)).toBe(timestamp - 1000);
    }
  });
});

describe('bytes that are no records', () => {
  test.each([
    ['a negative count', '0c 00 00 00 01 01 00', -1],
    ['a count that cannot be', '0c 00 00 00 01 01 00', 2],
    ['a count that would allocate', '0c 00 00 00 01 01 00', 0x7fffffff],
    ['fewer records than the count says', '1a 00 04 06 02 6b 06 76616c 02 02 68 01', 2],
    ['bytes after the last', '0c 00 00 00 01 01 00 00', 1],
    ['bytes of a batch without records', '00', 0],
    ['a record shorter than any', '0a 00 00 00 01 01 00', 1],
    ['a negative record length', '01 00 00 00 01 01 00', 1],
    ['a record beyond the end', '0e 00 00 00 01 01 00', 1],
    ['a record that ends before its length', '10 00 00 00 01 01 00 00 00', 1],
    ['a key below null', '0e 00 00 00 03 01 00 00', 1],
    ['a key beyond its record', '0c 00 00 00 7e 01 00', 1],
    ['a value below null', '0e 00 00 00 01 03 00 00', 1],
    ['a value beyond its record', '0c 00 00 00 01 7e 00', 1],
    ['a value into the next record', '0c 00 00 00 01 08 00 0c 00 00 02 01 01 00', 2],
    ['a negative number of headers', '0c 00 00 00 01 01 01', 1],
    ['more headers than there are', '0c 00 00 00 01 01 02', 1],
    ['a billion headers', '14 00 00 00 01 01 fe ff ff ff 0f', 1],
    ['a header without a name', '10 00 00 00 01 01 02 01 01', 1],
    ['a header beyond its record', '10 00 00 00 01 01 02 00 08', 1],
    ['a varint that does not stop', '0c 00 ff ff ff ff ff ff ff ff ff ff ff ff', 1],
    ['an offset below the base', '0c 00 00 01 01 01 00', 1],
    ['an offset twice', '0c 00 00 00 01 01 00 0c 00 00 00 01 01 00', 2],
    ['a timestamp that a number would round', '1e 00 ff ff ff ff ff ff ff ff ff 01 00 01 01 00', 1],
  ])('%s', (_, text, count) => {
    expect(() => indexRecords(body(text), count)).toThrow(MalformedError);
  });

  test('an offset above the last of the batch', () => {
    const bytes = bodyOf([{}, { offsetDelta: 5 }]);
    expect(indexRecords(bytes, 2, 5)).toHaveLength(2 * STRIDE);
    expect(() => indexRecords(bytes, 2, 4)).toThrow(MalformedError);
  });

  test('with any byte changed they are records or malformed, and every position lies inside', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
    let refused = 0;
    fc.assert(
      fc.property(someRecords, changes, fc.nat({ max: 3 }), (records, changed, cut) => {
        const whole = Buffer.from(bodyOf(records));
        if (whole.length === 0) return;
        for (const [at, byte] of changed) whole[at % whole.length] = byte;
        const bytes = whole.subarray(0, whole.length - cut);
        try {
          const index = indexRecords(bytes, records.length);
          for (let cell = 0; cell < index.length; cell += STRIDE) {
            const [, at = -1, keyAt = -1, keyLength = 0, valueAt = -1, valueLength = 0] = index.subarray(cell);
            const ends = [at, keyAt + keyLength, valueAt + valueLength];
            expect(ends.every((end) => end >= 0 && end <= bytes.length)).toBe(true);
            expect(Number.isSafeInteger(timestampDelta(bytes, at))).toBe(true);
            expect([...readHeaders(bytes, valueAt + Math.max(0, valueLength))].length).toBeLessThan(bytes.length);
          }
        } catch (error) {
          if (!(error instanceof MalformedError)) throw error;
          refused++;
        }
      }),
      { numRuns: 2000 },
    );
    expect(refused).toBeGreaterThan(200);
  });
});

describe('headers', () => {
  const pairs = [
    ['a', Buffer.from('1')],
    ['b', null],
    ['a', Buffer.from('2')],
  ] as const;
  const bytes = bodyOf([{ headers: pairs }]);
  const [, , , , valueAt = 0] = indexRecords(bytes, 1);
  const headers = readHeaders(bytes, valueAt);

  test('keep their order and repeat their names', () => {
    expect([...headers]).toEqual(pairs);
    expect(headers.length).toBe(3);
    expect([headers.get('a'), headers.get('b'), headers.get('c')]).toEqual([Buffer.from('2'), null, undefined]);
    expect([headers.getAll('a'), headers.getAll('b'), headers.getAll('c')]).toEqual([[Buffer.from('1'), Buffer.from('2')], [null], []]);
  });

  test('none', () => {
    const none = readHeaders(Buffer.from([0]), 0);
    expect([none.length, [...none], none.get('a'), none.getAll('a')]).toEqual([0, [], undefined, []]);
  });

  test('that lie are malformed', () => {
    expect(() => readHeaders(Buffer.from([1]), 0)).toThrow(MalformedError);
    expect(() => readHeaders(Buffer.alloc(0), 0)).toThrow(MalformedError);
    expect(() => [...readHeaders(body('02 08 61'), 0)]).toThrow(MalformedError);
    expect(() => [...readHeaders(body('02 02 61 08'), 0)]).toThrow(MalformedError);
    expect(() => [...readHeaders(body('02 02 61 03'), 0)]).toThrow(MalformedError);
    expect(() => [...readHeaders(body('04 02 61 01'), 0)]).toThrow(MalformedError);
  });
});
