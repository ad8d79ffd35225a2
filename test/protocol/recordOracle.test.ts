import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { encodeBatch, encodeControlBatch, type NewRecord } from '../../src/protocol/encodeBatch.ts';
import { controlType, splitBatches } from '../../src/protocol/recordBatch.ts';
import { describeJava } from '../support/kafka.ts';
import { decodedBatch, decodedRecords } from './decoded.ts';
import { askOracle, FIRST_QUESTION } from './oracle.ts';
import { someBatch, someRecords } from './samples.ts';

const SEED = Date.now();
const hex = (bytes: Buffer | null): string | null => bytes?.toString('hex') ?? null;

/** What Kafka needs to write the same records itself. */
function order(records: readonly Required<NewRecord>[], baseOffset: number): unknown {
  return {
    ...{ timestampType: 'CreateTime', baseOffset, appendTime: -1, producerId: 7, producerEpoch: 3, baseSequence: 11 },
    ...{ isTransactional: true, leaderEpoch: 5 },
    records: records.map(({ offsetDelta, timestamp, key, value, headers }) => ({
      offset: baseOffset + offsetDelta,
      timestamp,
      key: hex(key),
      value: hex(value),
      headers: headers.map(([name, bytes]) => [name, hex(bytes)]),
    })),
  };
}

await describeJava("Kafka's own record batches", () => {
  beforeAll(() => askOracle(['errors']), FIRST_QUESTION);

  test('are read from our bytes as we read them', async () => {
    const samples = fc.sample(fc.array(fc.tuple(someRecords, someBatch), { minLength: 1, maxLength: 3 }), { numRuns: 150, seed: SEED });
    const logs = samples.map((batches) => Buffer.concat(batches.map(([records, batch]) => encodeBatch(records, batch))));
    logs.push(
      Buffer.concat([encodeControlBatch('abort', { producerId: 4 }), encodeControlBatch('commit', { baseOffset: 9, producerId: 4 })]),
    );
    const answers = await askOracle(logs.map((log) => `batches ${log.toString('hex')}`));
    for (const [i, log] of logs.entries()) {
      const { batches, corrupt } = splitBatches(log);
      expect(corrupt).toBeUndefined();
      expect(batches.map(decodedBatch), `seed ${String(SEED)}`).toEqual(answers[i]);
      expect(batches.every((batch) => batch.crcIsGood())).toBe(true);
    }
  });

  test('are written by Kafka so that we read what was meant', async () => {
    const orders = fc
      .sample(
        fc.tuple(
          someRecords.filter((records) => records.length > 0),
          fc.constantFrom('none', 'gzip'),
        ),
        { numRuns: 100, seed: SEED },
      )
      .map(([records, codec]) => ({ codec, order: order(records, 1000) as { readonly records: unknown } }));
    const answers = await askOracle(orders.map(({ codec, order }) => `build ${codec} ${JSON.stringify(order)}`));
    for (const [i, { codec, order }] of orders.entries()) {
      const { bytes = '', error } = answers[i] as { readonly bytes?: string; readonly error?: string };
      expect(error).toBeUndefined();
      const { batches, corrupt } = splitBatches(Buffer.from(bytes, 'hex'));
      expect(corrupt).toBeUndefined();
      const [batch] = batches;
      expect(batch).toMatchObject({ compression: codec, leaderEpoch: 5, producerId: 7, isTransactional: true });
      expect(batch?.crcIsGood()).toBe(true);
      expect(batch === undefined ? [] : decodedRecords(batch), `seed ${String(SEED)}`).toEqual(order.records);
    }
  });

  test('have markers that we tell apart', async () => {
    const markers = ['abort', 'commit'] as const;
    const answers = await askOracle(markers.map((type) => `marker ${type}`));
    const types = answers.map((answer) => {
      const { batches } = splitBatches(Buffer.from((answer as { readonly bytes: string }).bytes, 'hex'));
      return batches.map(controlType);
    });
    expect(types).toEqual([['abort'], ['commit']]);
  });
});
