import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { killed, startChild } from '../support/child.ts';
import { createTopic, describeKafka, eventually, produceWithJava, uniqueTopic } from '../support/kafka.ts';

interface Look {
  readonly counts: readonly number[];
  /** Bytes after a collection. */
  readonly heap: number;
  readonly outside: number;
}

async function ask(child: ChildProcess, message: string): Promise<Look> {
  const answer = once(child, 'message');
  child.send(message);
  const [look] = (await answer) as [Look];
  return look;
}

/** The counts once they have not changed for that many looks. */
async function settled(child: ChildProcess): Promise<Look> {
  let last = '';
  let still = 0;
  return eventually(
    async () => {
      const look = await ask(child, 'look');
      const now = JSON.stringify(look.counts);
      still = now === last && look.counts.length > 0 ? still + 1 : 0;
      last = now;
      return still >= 10 ? look : false;
    },
    { what: 'counts that stand still', deadline: 30_000, every: 100 },
  ) as Promise<Look>;
}

const megabyte = 1_000_000;

await describeKafka('a subscriber that never acks', (kafka) => {
  test('gets exactly window.records of each partition, one more after an ack, and holds no more at 40 s than at 10 s', async () => {
    const partitions = 2;
    const topic = await createTopic(kafka, uniqueTopic('hoard'), { partitions });
    await produceWithJava(kafka, { topic, partitions, count: 200_000 });
    const started = performance.now();
    const child = startChild(join(import.meta.dirname, 'children/hoarder.ts'), [kafka.brokers.join(','), topic], ['--expose-gc']);
    try {
      expect((await settled(child)).counts).toEqual([10_000, 10_000]);
      // The two moments are the promise: nothing grows between them.
      await pause(Math.max(0, 10_000 - (performance.now() - started)));
      const early = await ask(child, 'look');
      await pause(Math.max(0, 40_000 - (performance.now() - started)));
      const late = await ask(child, 'look');
      expect(late.counts).toEqual([10_000, 10_000]);
      expect(Math.abs(late.heap - early.heap)).toBeLessThan(10 * megabyte);
      expect(Math.abs(late.outside - early.outside)).toBeLessThan(10 * megabyte);

      await ask(child, 'ack 1');
      expect((await settled(child)).counts).toEqual([10_000, 10_001]);
    } finally {
      await killed(child);
    }
  }, 90_000);

  test('of 10 KB records gets what its slice of maxBuffered holds', async () => {
    const partitions = 2;
    const topic = await createTopic(kafka, uniqueTopic('hoard-large'), { partitions });
    const produced = await produceWithJava(kafka, { topic, partitions, count: 4_000, valueSize: 10_000 });
    const slice = 4 * 1_048_576;
    const args = [kafka.brokers.join(','), topic, String(slice * partitions)];
    const child = startChild(join(import.meta.dirname, 'children/hoarder.ts'), args, ['--expose-gc']);
    try {
      const { counts } = await settled(child);
      expect(counts).toHaveLength(partitions);
      counts.forEach((count, partition) => {
        const values = Array.from({ length: count }, (_, offset) => produced.at(partition, offset).value?.length ?? 0);
        const bytes = values.reduce((sum, length) => sum + length, 0);
        // A batch holds one value or two here, and some 100 bytes around each. Nothing is asked for from the slice on.
        expect(bytes).toBeGreaterThan(slice - count * 200 - 10_000);
        expect(bytes).toBeLessThan(slice + 20_000);
      });
    } finally {
      await killed(child);
    }
  }, 60_000);
});
