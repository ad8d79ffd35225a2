import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBatch, encodeControlBatch, withCrc, type NewBatch } from '../../src/protocol/encodeBatch.ts';
import { MalformedError } from '../../src/protocol/MalformedError.ts';
import { BatchView, controlType, splitBatches } from '../../src/protocol/recordBatch.ts';

const record = { timestamp: 1_700_000_000_000, value: Buffer.from('v') };
const batchOf = (batch: NewBatch = {}): Buffer => encodeBatch([record], batch);
const changed = (batch: Buffer, change: (copy: Buffer) => void): Buffer => {
  const copy = Buffer.from(batch);
  change(copy);
  return copy;
};

describe('a batch', () => {
  test('tells what stands in its header', () => {
    const bytes = encodeBatch([record, { ...record, timestamp: record.timestamp + 9 }], {
      ...{ baseOffset: 2 ** 40, leaderEpoch: 3, compression: 'gzip', isTransactional: true, hasDeleteHorizon: true },
      ...{ producerId: 2 ** 41, producerEpoch: 4, baseSequence: 5, lastOffsetDelta: 7, timestampType: 'LogAppendTime' },
    });
    const view = new BatchView(bytes);
    expect(view).toMatchObject({
      ...{ baseOffset: 2 ** 40, sizeInBytes: bytes.length, leaderEpoch: 3, magic: 2, compression: 'gzip', isTransactional: true },
      ...{ isControl: false, timestampType: 'LogAppendTime', hasDeleteHorizon: true, lastOffsetDelta: 7, lastOffset: 2 ** 40 + 7 },
      ...{ nextOffset: 2 ** 40 + 8, baseTimestamp: record.timestamp, maxTimestamp: record.timestamp + 9 },
      ...{ producerId: 2 ** 41, producerEpoch: 4, baseSequence: 5, recordCount: 2 },
    });
    expect(view.body).toEqual(bytes.subarray(61));
  });

  test('without records spans its offsets all the same', () => {
    const view = new BatchView(encodeBatch([], { baseOffset: 10, lastOffsetDelta: 4 }));
    expect([view.recordCount, view.nextOffset, view.crcIsGood()]).toEqual([0, 15, true]);
  });

  test('a codec that Kafka has not given out', () => {
    expect(new BatchView(changed(batchOf(), (copy) => copy.writeInt16BE(5, 21))).compression).toBe('codec 5');
  });

  test('the CRC covers every byte from the attributes on, and no other', () => {
    const bytes = batchOf({ leaderEpoch: 1 });
    for (let at = 21; at < bytes.length; at++) {
      const bad = changed(bytes, (copy) => (copy[at] = (copy[at] ?? 0) ^ 1));
      expect(splitBatches(bad).batches.every((batch) => batch.crcIsGood()) && splitBatches(bad).corrupt === undefined, String(at)).toBe(
        false,
      );
    }
    expect(new BatchView(changed(bytes, (copy) => copy.writeInt32BE(9, 12))).crcIsGood()).toBe(true);
    expect(new BatchView(withCrc(changed(bytes, (copy) => copy.writeInt32BE(9, 53)))).crcIsGood()).toBe(true);
  });

  test('that is shorter than its header is none', () => {
    expect(() => new BatchView(batchOf().subarray(0, 60))).toThrow(MalformedError);
  });
});

describe('control batches', () => {
  test('are told apart', () => {
    const [abort, commit] = (['abort', 'commit'] as const).map(
      (type) => new BatchView(encodeControlBatch(type, { baseOffset: 4, producerId: 8 })),
    );
    expect(abort).toMatchObject({ isControl: true, isTransactional: true, producerId: 8, nextOffset: 5, recordCount: 1 });
    expect([abort, commit].map((batch) => batch && controlType(batch))).toEqual(['abort', 'commit']);
  });

  test('anything else is other', () => {
    const key = (hex: string): BatchView => new BatchView(encodeBatch([{ key: Buffer.from(hex, 'hex') }], { isControl: true }));
    expect([key('00000005'), key('0000'), key('')].map(controlType)).toEqual(['other', 'other', 'other']);
    expect(controlType(new BatchView(encodeBatch([{ key: null }], { isControl: true })))).toBe('other');
    expect(controlType(new BatchView(encodeBatch([], { isControl: true })))).toBe('other');
    expect(controlType(new BatchView(encodeBatch([{ key: Buffer.from('00000000', 'hex') }])))).toBe('other');
    const broken = changed(encodeControlBatch('abort'), (copy) => copy.fill(0xff, 61));
    expect(controlType(new BatchView(broken))).toBe('other');
  });
});

describe('splitBatches', () => {
  const log = Buffer.concat([0, 1, 2].map((baseOffset) => batchOf({ baseOffset })));
  const size = log.length / 3;

  test('nothing', () => {
    expect(splitBatches(Buffer.alloc(0))).toEqual({ batches: [] });
  });

  test('whole batches, as views', () => {
    const { batches, corrupt } = splitBatches(log);
    expect(corrupt).toBeUndefined();
    expect(batches.map(({ baseOffset }) => baseOffset)).toEqual([0, 1, 2]);
    expect(batches[1]?.body.buffer).toBe(log.buffer);
  });

  test('a cut last batch is ignored, wherever it is cut', () => {
    for (let length = size; length < 2 * size; length++) {
      const { batches, corrupt } = splitBatches(log.subarray(0, length));
      expect([batches.length, corrupt], String(length)).toEqual([1, undefined]);
    }
  });

  test('a cut first batch is corrupt: asking again would go on for ever', () => {
    for (const length of [1, 7, 8, 16, 17, 60, size - 1]) {
      expect(splitBatches(batchOf({ baseOffset: 9 }).subarray(0, length)), String(length)).toMatchObject({
        batches: [],
        corrupt: { offset: length < 8 ? -1 : 9, reason: `${String(length)} bytes, and no whole batch in them` },
      });
    }
  });

  test.each<[string, (second: Buffer) => unknown, number, RegExp]>([
    ['an old format', (second) => second.writeInt8(1, 16), 1, /message format 1/],
    ['an unknown magic', (second) => second.writeInt8(3, 16), 1, /magic byte 3/],
    ['a length below the header', (second) => second.writeInt32BE(48, 8), 1, /batch length of 48/],
    ['a length of 0', (second) => second.writeInt32BE(0, 8), 1, /batch length of 0/],
    ['a negative length', (second) => second.writeInt32BE(-1, 8), 1, /batch length of -1/],
    ['the lowest length', (second) => second.writeInt32BE(-0x80000000, 8), 1, /batch length of -2147483648/],
    ['a negative base offset', (second) => second.writeInt32BE(-1, 0), 1, /base offset/],
    ['a base offset beyond numbers', (second) => second.writeInt32BE(0x200000, 0), 1, /would round/],
    [
      'a last offset beyond numbers',
      (second) => second.writeBigInt64BE(BigInt(Number.MAX_SAFE_INTEGER), 0),
      Number.MAX_SAFE_INTEGER,
      /last offset/,
    ],
    ['a negative last offset delta', (second) => second.writeInt32BE(-1, 23), 1, /last offset delta/],
    ['a negative count', (second) => second.writeInt32BE(-1, 57), 1, /-1 records/],
    ['a base timestamp beyond numbers', (second) => second.writeInt32BE(0x7fffffff, 27), 1, /would round/],
    ['a max timestamp beyond numbers', (second) => second.writeInt32BE(0x7fffffff, 35), 1, /would round/],
    ['a producer id beyond numbers', (second) => second.writeInt32BE(0x7fffffff, 43), 1, /would round/],
  ])('%s is corrupt, and the batch before it is good', (_, change, offset, reason) => {
    const { batches, corrupt } = splitBatches(changed(log, (copy) => change(copy.subarray(size))));
    expect(batches.map(({ baseOffset }) => baseOffset)).toEqual([0]);
    expect(corrupt?.offset).toBe(offset);
    expect(corrupt?.reason).toMatch(reason);
  });

  test('with any bytes it ends, and what it calls a batch lies inside', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: log.length - 1 }), fc.nat({ max: 255 })), { maxLength: 6 }),
        fc.nat({ max: log.length }),
        (changes, end) => {
          const bytes = changed(log, (copy) => changes.forEach(([at, byte]) => (copy[at] = byte))).subarray(0, end);
          const { batches } = splitBatches(bytes);
          expect(batches.reduce((sum, batch) => sum + batch.sizeInBytes, 0)).toBeLessThanOrEqual(end);
          for (const batch of batches) expect(batch.nextOffset).toBeGreaterThan(batch.baseOffset);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
