import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { inflate } from '../../src/protocol/compression.ts';
import { splitBatches } from '../../src/protocol/recordBatch.ts';
import { describeJava } from '../support/kafka.ts';
import { readers } from './compressed.ts';
import { decodedRecords } from './decoded.ts';
import { askOracle, FIRST_QUESTION } from './oracle.ts';

const SEED = Date.now();
const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const;

/** Values of all sizes, some that repeat themselves, some that do not: up to several chunks and blocks in a batch. */
const someValue = fc.oneof(
  fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.nat(20_000)).map(([bytes, size]) => Buffer.alloc(size, bytes)),
);
const someValues = fc.array(someValue, { minLength: 1, maxLength: 20 });

await describeJava("what Kafka's own code compresses", () => {
  beforeAll(() => askOracle(['errors']), FIRST_QUESTION);

  test('is read by each package', async () => {
    const samples = fc.sample(someValues, { numRuns: 40, seed: SEED });
    const orders = samples.flatMap((values) => codecs.map((codec) => ({ codec, values })));
    const answers = await askOracle(orders.map(({ codec, values }) => `build ${codec} ${JSON.stringify(orderOf(values))}`));
    for (const [i, { codec, values }] of orders.entries()) {
      const { bytes = '' } = answers[i] as { readonly bytes?: string };
      const [batch] = splitBatches(Buffer.from(bytes, 'hex')).batches;
      if (batch === undefined) throw new Error('no batch');
      expect(batch.compression).toBe(codec);
      expect(
        decodedRecords(batch).map(({ value }) => value),
        `seed ${SEED}`,
      ).toEqual(values.map((value) => value.toString('hex')));
      const body = inflate(codec, batch.body);
      for (const reader of readers)
        if (reader.codec === codec) expect(reader.inflate(codec, batch.body).equals(body), `${reader.by}, seed ${SEED}`).toBe(true);
    }
  }, 60_000);
});

function orderOf(values: readonly Buffer[]): unknown {
  return {
    ...{ timestampType: 'CreateTime', baseOffset: 0, appendTime: -1, producerId: -1, producerEpoch: -1, baseSequence: -1 },
    ...{ isTransactional: false, leaderEpoch: 0 },
    records: values.map((value, offset) => ({ offset, timestamp: 1_000, key: null, value: value.toString('hex'), headers: [] })),
  };
}
