import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NewBatch, NewRecord } from '../../src/protocol/encodeBatch.ts';
import { Contents } from '../../src/table/contents.ts';
import { batchOf, unreadable } from './scenario.ts';

const open = (records: readonly NewRecord[], rest: NewBatch = {}): Contents => Contents.open('t', 3, batchOf(10, records, rest));
const text = (value: string): Buffer => Buffer.from(value);

const bytes = fc.option(fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array)));
const someRecord = fc.record({
  gap: fc.nat(3),
  timestamp: fc.integer({ min: 0, max: 2 ** 41 }),
  key: bytes,
  value: bytes,
  headers: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'ü', ''), bytes), { maxLength: 4 }),
});
const someRecords = fc.array(someRecord, { minLength: 1, maxLength: 8 }).map((records) => {
  let delta = -1;
  return records.map(({ gap, ...rest }) => ({ ...rest, offsetDelta: (delta += 1 + gap) }));
});

describe('the contents of a batch', () => {
  it('are the records that were written, also as copies that do not pin the rest', () => {
    fc.assert(
      fc.property(someRecords, fc.constantFrom('none' as const, 'gzip' as const), (records, compression) => {
        const contents = open(records, { compression });
        expect(contents.count).toBe(records.length);
        let total = 0;
        for (const [index, { offsetDelta, timestamp, key, value, headers }] of records.entries()) {
          total += contents.sizeAt(index);
          const copy = contents.copyOf(index);
          expect([copy.count, copy.bytes, copy.sizeAt(0)]).toEqual([1, contents.sizeAt(index), contents.sizeAt(index)]);
          for (const [from, at] of [
            [contents, index],
            [copy, 0],
          ] as const) {
            expect([from.offsetAt(at), from.timestampAt(at)]).toEqual([10 + offsetDelta, timestamp]);
            expect([from.keyAt(at), from.valueAt(at), [...from.headersAt(at)]]).toEqual([key, value, headers]);
          }
        }
        expect([2, 3]).toContain(contents.bytes - total); // length and attributes of the first record
      }),
      { numRuns: 80 },
    );
  });

  it('tell null from empty', () => {
    const contents = open([
      { key: null, value: text('') },
      { key: text(''), value: null },
    ]);
    expect([contents.keyAt(0), contents.valueAt(0), contents.keyAt(1), contents.valueAt(1)]).toEqual([null, text(''), text(''), null]);
  });

  it('have headers whose names repeat: the last one counts, all of them can be had', () => {
    const headers = open([{ value: null, headers: [['h', text('1')], ['x', null], ['h', text('2')]] }]).headersAt(0); // prettier-ignore
    expect([headers.length, headers.get('h'), headers.get('x'), headers.get('none')]).toEqual([3, text('2'), null, undefined]);
    expect(headers.getAll('h')).toEqual([text('1'), text('2')]);
  });

  it('have the time of creation, or the one time of appending', () => {
    const records = [{ timestamp: 1_000 }, { timestamp: 990 }, { timestamp: 2_000 }];
    const times = (contents: Contents): number[] => [0, 1, 2].map((index) => contents.timestampAt(index));
    expect(times(open(records))).toEqual([1_000, 990, 2_000]);
    expect(times(open(records, { timestampType: 'LogAppendTime', maxTimestamp: 7_777 }))).toEqual([7_777, 7_777, 7_777]);
  });

  it('are found by offset, also where there are holes', () => {
    const contents = open([{ offsetDelta: 1 }, { offsetDelta: 4 }, { offsetDelta: 5 }]);
    expect([0, 11, 12, 14, 15, 16].map((offset) => contents.indexFrom(offset))).toEqual([0, 0, 1, 1, 2, 3]);
  });

  it('carry what their batch says of all of them', () => {
    expect(open([{}], { leaderEpoch: 9 }).common).toMatchObject({ topic: 't', partition: 3, leaderEpoch: 9, baseOffset: 10 });
  });

  it('that are not in their codec, or in none that can be read, throw', () => {
    expect(() => Contents.open('t', 0, unreadable(0, 'gzip'))).toThrow(/gzip/);
    expect(() => Contents.open('t', 0, unreadable(0, 'codec 5'))).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_COMPRESSION_TYPE', codec: 'codec 5' }),
    );
    expect(() => open([{ offsetDelta: 5 }], { lastOffsetDelta: 4 })).toThrow(/above the last/);
  });
});
