import { describe, expect, test } from 'vitest';
import type { KafkaRecord } from '../../src/index.ts';
import type { Compression } from '../support/kafka.ts';
import { hasKcat, produceWithKcat } from '../support/kafka/kcat.ts';
import { consumed } from './grounds/consume.ts';
import { describeGrounds } from './grounds/describeGrounds.ts';
import type { Ground } from './grounds/ground.ts';

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const satisfies readonly Compression[];
const partitions = 2;
const text = (bytes: Buffer | null): string | null => bytes?.toString() ?? null;

/** Reads all of the partitions to their ends. Answers the bytes that it took. */
async function read(ground: Ground, topics: readonly string[], see: (record: KafkaRecord) => void): Promise<number> {
  let bytes = 0;
  const manual = topics.flatMap((topic) => Array.from({ length: partitions }, (_, partition) => ({ topic, partition })));
  const events = (event: { readonly kind: string; readonly bytes?: number }): void => {
    if (event.kind === 'fetched') bytes += event.bytes ?? 0;
  };
  await consumed(ground, { partitions: manual, stopAt: 'end', events }, see);
  return bytes;
}

await describeGrounds('{many} records in all five codecs', (ground) => {
  const each = ground.many / codecs.length;
  /** The one that writes zstd on the simulated cluster gains nothing. */
  const gains = (compression: Compression): boolean => ground.kind === 'real' || compression !== 'zstd';

  describe.each(codecs)('%s', (compression) => {
    test(`by ${ground.kind === 'real' ? 'the Java producer' : 'our encoder'}: once, in order, equal content`, async () => {
      const topic = await ground.createTopic(`java-${compression}`, { partitions });
      const produced = await ground.produce({ topic, partitions, count: each, compression });
      const next = Array.from({ length: partitions }, () => 0);
      const bytes = await read(ground, [topic], (record) => {
        const { partition, offset, timestamp } = record;
        if (offset !== next[partition]) throw new Error(`partition ${partition}: offset ${offset} where ${next[partition]} was next`);
        next[partition] = offset + 1;
        const headers = [...record.headers].map(([name, value]) => [name, text(value)]);
        const seen = { partition, timestamp, key: text(record.key), value: text(record.value), headers };
        const expected = produced.at(partition, offset);
        if (JSON.stringify(seen) !== JSON.stringify(expected)) expect(seen).toEqual(expected);
      });
      expect(next).toEqual([each / partitions, each / partitions]);
      if (gains(compression)) expectCompressed(compression, bytes, each * 100);
    }, 60_000);
  });

  test('in one topic, batch by batch, once and in order', async () => {
    const topic = await ground.createTopic('mixed', { partitions });
    const count = 2_000;
    const produced = [];
    for (const [i, compression] of codecs.entries())
      produced.push(await ground.produce({ topic, partitions, count, from: i * count, compression, batchSize: 4_000 }));
    const seen: KafkaRecord[][] = Array.from({ length: partitions }, () => []);
    await read(ground, [topic], (record) => seen[record.partition]?.push(record.detach()));
    for (const [partition, records] of seen.entries()) {
      expect(records.map(({ offset }) => offset)).toEqual(Array.from({ length: (count * codecs.length) / partitions }, (_, i) => i));
      for (const { offset, value } of records)
        expect(text(value)).toBe(produced[Math.floor(offset / (count / partitions))]?.at(partition, offset).value);
    }
  }, 60_000);

  if (ground.kind === 'real' && hasKcat())
    describe.each(codecs)('%s', (compression) => {
      test('by librdkafka: once, in order, equal content', async () => {
        const topic = await ground.createTopic(`kcat-${compression}`, { partitions });
        const line = (partition: number, i: number): string => `k${i % 97}|${partition}:${i}:${'abcdefgh'.repeat(i % 12)}`;
        for (let partition = 0; partition < partitions; partition++) {
          const lines = Array.from({ length: each / partitions }, (_, i) => line(partition, i));
          await produceWithKcat(ground.kafka, topic, partition, compression, lines);
        }
        const next = Array.from({ length: partitions }, () => 0);
        let content = 0;
        const bytes = await read(ground, [topic], ({ partition, offset, key, value }) => {
          const seen = `${offset} ${String(key)}|${String(value)}`;
          const expected = `${next[partition]} ${line(partition, next[partition] ?? 0)}`;
          if (seen !== expected) expect(seen).toBe(expected);
          next[partition] = offset + 1;
          content += seen.length;
        });
        expect(next).toEqual([each / partitions, each / partitions]);
        expectCompressed(compression, bytes, content);
      }, 60_000);
    });
});

/** That the producer has compressed what it was to compress: both fall back to none without a word. */
function expectCompressed(compression: Compression, bytes: number, content: number): void {
  if (compression === 'none') expect(bytes).toBeGreaterThan(content);
  else expect(bytes).toBeLessThan(content * 0.6);
}
