import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { killed, startChild } from '../support/child.ts';
import { committedOffsets, consumed, endOffsets } from '../support/consume.ts';
import { linesOf, type Line } from '../support/lines.ts';
import { createTopic, describeKafka, eventually, produceWithJava, uniqueTopic } from '../support/kafka.ts';

const partitions = 6;
const interval = 500;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The highest offset of a partition among the lines, plus one: 0 if there is none. */
const nextOf = (lines: readonly Line[], partition: number): number =>
  lines.reduce((next, line) => (line.partition === partition ? Math.max(next, line.offset + 1) : next), 0);

/** On a real Kafka only: a process that is killed takes its simulated cluster with it. */
await describeKafka('a process that is killed', (kafka) => {
  test('ten times with SIGKILL: nothing is lost, nothing below the commit comes again, and the commit is never older than an interval', async () => {
    const topic = await createTopic(kafka, uniqueTopic('kill'), { partitions });
    const groupId = uniqueTopic('kill-group');
    const folder = mkdtempSync(join(tmpdir(), 'kafka-rx-kill-'));
    const random = seeded(20_260_101);
    const seen: Line[] = [];
    let committed: readonly number[] = Array.from({ length: partitions }, () => 0);
    await produceWithJava(kafka, { topic, partitions, count: 60_000 });

    /** What came again lies at or above what was committed when the last one was killed. */
    const checkRepeats = (lines: readonly Line[]): void => {
      for (const { partition, offset } of lines) expect(offset).toBeGreaterThanOrEqual(committed[partition] ?? 0);
    };

    try {
      for (let round = 0; round < 10; round++) {
        const path = join(folder, String(round));
        const enough = 300 + Math.floor(random() * 3_000);
        const child = startChild(join(import.meta.dirname, 'children/appender.ts'), [
          kafka.brokers.join(','),
          topic,
          groupId,
          path,
          '3',
          String(interval),
        ]);
        await eventually(() => linesOf(path).length >= enough, { what: `${enough} records in life ${round}`, deadline: 30_000, every: 20 });
        const killedAt = Date.now();
        await killed(child);
        const lines = linesOf(path);
        checkRepeats(lines);
        committed = (await committedOffsets(kafka, groupId, topic)).map((offset) => Math.max(0, offset));
        const old = lines.filter(({ at }) => at < killedAt - interval - 1_000);
        for (let partition = 0; partition < partitions; partition++) {
          expect(committed[partition]).toBeGreaterThanOrEqual(nextOf(old, partition));
          expect(committed[partition]).toBeLessThanOrEqual(Math.max(nextOf(lines, partition), nextOf(seen, partition)));
        }
        seen.push(...lines);
      }
      const rest: Line[] = [];
      await consumed(kafka, { groupId, topics: [topic], sessionTimeout: 6_000, stopAt: 'end' }, ({ partition, offset }) => {
        rest.push({ partition, offset, at: 0 });
      });
      checkRepeats(rest);
      const all = new Set([...seen, ...rest].map(({ partition, offset }) => `${partition}-${offset}`));
      const ends = await endOffsets(kafka, topic);
      expect(all.size).toBe(ends.reduce((sum, end) => sum + end, 0));
      expect(await committedOffsets(kafka, groupId, topic)).toEqual(ends);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 240_000);
});
