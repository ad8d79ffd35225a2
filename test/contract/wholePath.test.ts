import { expect, test } from 'vitest';
import type { KafkaRecord } from '../../src/index.ts';
import { uniqueTopic, type Produced } from '../support/kafka.ts';
import { consumed } from './grounds/consume.ts';
import { describeGrounds } from './grounds/describeGrounds.ts';

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

await describeGrounds('the whole path, from socket to subscriber and back to the commit', (ground) => {
  const { many } = ground;

  test.each(['none', 'gzip'] as const)(
    `${many.toLocaleString('en')} records (%s) arrive once and in order; the commits are the ends; a second run brings nothing, a third what was written in between`,
    async (compression) => {
      const topic = await ground.createTopic(`whole-${compression}`, { partitions });
      const groupId = uniqueTopic('group');
      const options = { groupId, topics: [topic] };
      const first = await ground.produce({ topic, partitions, count: many, compression });

      let count = 0;
      const enough = new AbortController();
      const run1 = reader([first]);
      await consumed(ground, { ...options, until: enough.signal }, (record) => {
        run1.see(record);
        if (++count === many) enough.abort();
      });
      const ends = await ground.ends(topic);
      expect(count).toBe(many);
      expect(run1.next).toEqual(ends);
      expect(await ground.committed(groupId, topic)).toEqual(ends);

      const again: number[] = [];
      await consumed(ground, { ...options, stopAt: 'end' }, ({ offset }) => again.push(offset));
      expect(again).toEqual([]);

      const second = await ground.produce({ topic, partitions, count: 600, from: many, compression });
      let later = 0;
      const run3 = reader([first, second]);
      run3.next.splice(0, partitions, ...ends);
      await consumed(ground, { ...options, stopAt: 'end' }, (record) => {
        later++;
        run3.see(record);
      });
      expect(later).toBe(600);
      expect(await ground.committed(groupId, topic)).toEqual(await ground.ends(topic));
    },
    60_000,
  );
});
