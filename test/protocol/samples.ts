import fc from 'fast-check';
import type { NewBatch, NewRecord } from '../../src/protocol/encodeBatch.ts';

const buffer = (maxLength: number): fc.Arbitrary<Buffer> => fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes));
const sized = fc.oneof(buffer(10), buffer(300));

/** Names repeat often. */
const header = fc.tuple(fc.oneof(fc.constantFrom('a', 'b'), fc.string({ unit: 'binary', maxLength: 5 })), fc.option(buffer(10)));

/** Records with gaps between their offsets, as compaction leaves them. */
export const someRecords: fc.Arbitrary<readonly Required<NewRecord>[]> = fc
  .array(
    fc.record({
      gap: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 5000 })),
      timestamp: fc.oneof(fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }), fc.integer({ min: 0, max: 2 ** 52 })),
      key: fc.option(sized),
      value: fc.option(sized),
      headers: fc.array(header, { maxLength: 4 }),
    }),
    { maxLength: 20 },
  )
  .map((records) => {
    let next = -1;
    return records.map(({ gap, ...record }) => ({ ...record, offsetDelta: (next += gap) }));
  });

export const someBatch: fc.Arbitrary<NewBatch> = fc.record({
  baseOffset: fc.integer({ min: 0, max: 2 ** 52 }),
  leaderEpoch: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
  compression: fc.constantFrom('none', 'gzip'),
  timestampType: fc.constantFrom('CreateTime', 'LogAppendTime'),
  isTransactional: fc.boolean(),
  producerId: fc.integer({ min: 0, max: 2 ** 52 }),
  producerEpoch: fc.integer({ min: 0, max: 2 ** 15 - 1 }),
  baseSequence: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
});
