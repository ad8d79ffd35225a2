import { describe, expect, test } from 'vitest';
import type { KafkaRecord } from '../../src/index.ts';
import { consumed } from '../support/consume.ts';
import { createTopic, describeKafka, produceWithJava, uniqueTopic, type Compression, type HasBrokers } from '../support/kafka.ts';
import { hasKcat, produceWithKcat } from '../support/kafka/kcat.ts';

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const satisfies readonly Compression[];
const partitions = 2;
const each = 40_000;
const text = (bytes: Buffer | null): string | null => bytes?.toString() ?? null;

/** Reads all of the partitions to their ends. Answers the bytes that it took. */
async function read(kafka: HasBrokers, topics: readonly string[], see: (record: KafkaRecord) => void): Promise<number> {
  let bytes = 0;
  const manual = topics.flatMap((topic) => Array.from({ length: partitions }, (_, partition) => ({ topic, partition })));
  const events = (event: { readonly kind: string; readonly bytes?: number }): void => {
    if (event.kind === 'fetched') bytes += event.bytes ?? 0;
  };
  await consumed(kafka, { partitions: manual, stopAt: 'end', events }, see);
  return bytes;
}

await describeKafka('200,000 records in all five codecs', (kafka) => {
  describe.each(codecs)('%s', (compression) => {
    test('by the Java producer: once, in order, equal content', async () => {
      const topic = await createTopic(kafka, uniqueTopic(`java-${compression}`), { partitions });
      const produced = await produceWithJava(kafka, { topic, partitions, count: each, compression });
      const next = Array.from({ length: partitions }, () => 0);
      const bytes = await read(kafka, [topic], (record) => {
        const { partition, offset, timestamp } = record;
        if (offset !== next[partition]) throw new Error(`partition ${partition}: offset ${offset} where ${next[partition]} was next`);
        next[partition] = offset + 1;
        const headers = [...record.headers].map(([name, value]) => [name, text(value)]);
        const seen = { partition, timestamp, key: text(record.key), value: text(record.value), headers };
        const expected = produced.at(partition, offset);
        if (JSON.stringify(seen) !== JSON.stringify(expected)) expect(seen).toEqual(expected);
      });
      expect(next).toEqual([each / partitions, each / partitions]);
      expectCompressed(compression, bytes, each * 100);
    }, 60_000);
  });

  test('in one topic, batch by batch, once and in order', async () => {
    const topic = await createTopic(kafka, uniqueTopic('mixed'), { partitions });
    const count = 2_000;
    const produced = [];
    for (const [i, compression] of codecs.entries())
      produced.push(await produceWithJava(kafka, { topic, partitions, count, from: i * count, compression, batchSize: 4_000 }));
    const seen: KafkaRecord[][] = Array.from({ length: partitions }, () => []);
    await read(kafka, [topic], (record) => seen[record.partition]?.push(record.detach()));
    for (const [partition, records] of seen.entries()) {
      expect(records.map(({ offset }) => offset)).toEqual(Array.from({ length: (count * codecs.length) / partitions }, (_, i) => i));
      for (const { offset, value } of records)
        expect(text(value)).toBe(produced[Math.floor(offset / (count / partitions))]?.at(partition, offset).value);
    }
  }, 60_000);

  if (hasKcat())
    describe.each(codecs)('%s', (compression) => {
      test('by librdkafka: once, in order, equal content', async () => {
        const topic = await createTopic(kafka, uniqueTopic(`kcat-${compression}`), { partitions });
        const line = (partition: number, i: number): string => `k${i % 97}|${partition}:${i}:${'abcdefgh'.repeat(i % 12)}`;
        for (let partition = 0; partition < partitions; partition++) {
          const lines = Array.from({ length: each / partitions }, (_, i) => line(partition, i));
          await produceWithKcat(kafka, topic, partition, compression, lines);
        }
        const next = Array.from({ length: partitions }, () => 0);
        let content = 0;
        const bytes = await read(kafka, [topic], ({ partition, offset, key, value }) => {
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
