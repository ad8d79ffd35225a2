import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { killed, startChild } from '../support/child.ts';
import { committedOffsets, consumed, endOffsets } from '../support/consume.ts';
import { createTopic, describeKafka, eventually, produceWithJava, uniqueTopic } from '../support/kafka.ts';
import { linesOf, type Line } from '../support/lines.ts';

await describeKafka('at most once', (kafka) => {
  test('a process that is killed loses what it had committed and not done, and no record is ever seen twice', async () => {
    const topic = await createTopic(kafka, uniqueTopic('once'), { partitions: 2 });
    const groupId = uniqueTopic('once-group');
    const folder = mkdtempSync(join(tmpdir(), 'kafka-rx-once-'));
    const seen: Line[] = [];
    await produceWithJava(kafka, { topic, partitions: 2, count: 20_000 });
    try {
      for (const [round, enough] of [400, 900].entries()) {
        const path = join(folder, String(round));
        const args = [kafka.brokers.join(','), topic, groupId, path, '1', 'once'];
        const child = startChild(join(import.meta.dirname, 'children/appender.ts'), args);
        await eventually(() => linesOf(path).length >= enough, { what: `${enough} records in life ${round}`, deadline: 30_000, every: 20 });
        await killed(child);
        const lines = linesOf(path);
        // Kafka was told of each before it was delivered.
        const committed = await committedOffsets(kafka, groupId, topic);
        for (const { partition, offset } of lines) expect(offset).toBeLessThan(committed[partition] ?? -1);
        seen.push(...lines);
      }
      await consumed(
        kafka,
        { groupId, topics: [topic], delivery: 'at-most-once', sessionTimeout: 6_000, stopAt: 'end' },
        ({ partition, offset }) => {
          seen.push({ partition, offset, at: 0 });
        },
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    expect(new Set(seen.map(({ partition, offset }) => `${partition}-${offset}`)).size).toBe(seen.length);
    expect(await committedOffsets(kafka, groupId, topic)).toEqual(await endOffsets(kafka, topic));
  }, 90_000);
});
