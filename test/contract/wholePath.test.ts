import { expect, test } from 'vitest';
import type { KafkaRecord } from '../../src/index.ts';
import { committedOffsets, consumed, endOffsets } from '../support/consume.ts';
import { createTopic, describeKafka, produceWithJava, uniqueTopic, type Produced } from '../support/kafka.ts';

const partitions = 6;
const text = (bytes: Buffer | null): string | null => bytes?.toString() ?? null;

/** Compares each record with what was written, and keeps where each partition stands: once, and in order. */
function reader(produced: readonly Produced[]): { readonly see: (record: KafkaRecord) => void; readonly next: number[] } {
  const next = Array.from({ length: partitions }, () => -1);
  const see = (record: KafkaRecord): void => {
    const { partition, offset } = record;
    const origin = produced.find(({ partitions: ranges }) => {
      const range = ranges[partition];
      return range !== undefined && range.firstOffset <= offset && offset <= range.lastOffset;
    });
    const before = next[partition] ?? -1;
    if (before >= 0 && offset !== before) throw new Error(`partition ${partition}: offset ${offset} where ${before} was next`);
    next[partition] = offset + 1;
    const expected = origin?.at(partition, offset);
    const headers = [...record.headers].map(([name, value]) => [name, text(value)]);
    const seen = { partition, timestamp: record.timestamp, key: text(record.key), value: text(record.value), headers };
    if (JSON.stringify(seen) !== JSON.stringify(expected)) expect(seen).toEqual(expected);
  };
  return { see, next };
}

await describeKafka('the whole path, from socket to subscriber and back to the commit', (kafka) => {
  test.each(['none', 'gzip'] as const)(
    '200,000 records (%s) arrive once and in order; the commits are the ends; a second run brings nothing, a third what was written in between',
    async (compression) => {
      const topic = await createTopic(kafka, uniqueTopic(`whole-${compression}`), { partitions });
      const groupId = uniqueTopic('group');
      const options = { groupId, topics: [topic] };
      const first = await produceWithJava(kafka, { topic, partitions, count: 200_000, compression });

      let count = 0;
      const enough = new AbortController();
      const run1 = reader([first]);
      await consumed(kafka, { ...options, until: enough.signal }, (record) => {
        run1.see(record);
        if (++count === 200_000) enough.abort();
      });
      const ends = await endOffsets(kafka, topic);
      expect(count).toBe(200_000);
      expect(run1.next).toEqual(ends);
      expect(await committedOffsets(kafka, groupId, topic)).toEqual(ends);

      const again: number[] = [];
      await consumed(kafka, { ...options, stopAt: 'end' }, ({ offset }) => again.push(offset));
      expect(again).toEqual([]);

      const second = await produceWithJava(kafka, { topic, partitions, count: 600, from: 200_000, compression });
      let later = 0;
      const run3 = reader([first, second]);
      run3.next.splice(0, partitions, ...ends);
      await consumed(kafka, { ...options, stopAt: 'end' }, (record) => {
        later++;
        run3.see(record);
      });
      expect(later).toBe(600);
      expect(await committedOffsets(kafka, groupId, topic)).toEqual(await endOffsets(kafka, topic));
    },
    60_000,
  );
});
