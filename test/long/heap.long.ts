import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import type { Producer } from 'kafkajs';
import { expect, test } from 'vitest';
import { killed, startChild } from '../support/child.ts';
import { createTopic, describeKafka, kafkajsFor, uniqueTopic } from '../support/kafka.ts';
import type { Look } from './children/steady.ts';

const minutes = Number(process.env['LONG_MINUTES'] ?? 30);
const MEGABYTE = 1_000_000;
/** Records written each tenth of a second: 2,000 a second. */
const PORTION = 200;
/** Milliseconds from one look to the next. */
const EVERY = 5_000;

async function look(child: ChildProcess): Promise<Look> {
  const answer = once(child, 'message');
  child.send('look');
  const [told] = (await answer) as [Look];
  return told;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** Until `end`. Returns how many were written. */
async function write(producer: Producer, topic: string, end: number): Promise<number> {
  let written = 0;
  for (let due = performance.now(); due < end; due += 100) {
    const messages = Array.from({ length: PORTION }, (_, i) => ({ key: String(written + i), value: 'v'.repeat(100), partition: i % 3 }));
    await producer.send({ topic, messages });
    written += PORTION;
    await pause(Math.max(0, due + 100 - performance.now()));
  }
  return written;
}

await describeKafka(`${minutes} minutes of steady flow`, (kafka) => {
  test(
    'bring every record once and leave the heap as it was',
    async () => {
      const topic = await createTopic(kafka, uniqueTopic('steady'), { partitions: 3 });
      const child = startChild(join(import.meta.dirname, 'children/steady.ts'), [kafka.brokers.join(','), topic], ['--expose-gc']);
      const producer = kafkajsFor(kafka).producer();
      const looks: Look[] = [];
      try {
        await producer.connect();
        const end = performance.now() + minutes * 60_000;
        const writing = write(producer, topic, end);
        while (performance.now() < end) {
          await pause(EVERY);
          looks.push(await look(child));
        }
        const written = await writing;
        await pause(2_000);
        const last = await look(child);
        expect([last.count, last.strange]).toEqual([written, []]);
      } finally {
        await producer.disconnect();
        await killed(child);
      }
      const quarter = Math.floor(looks.length / 4);
      // The first quarter warms up.
      const early = looks.slice(quarter, 2 * quarter);
      const late = looks.slice(-quarter);
      const growth = (of: (look: Look) => number): number => median(late.map(of)) - median(early.map(of));
      const figures = {
        heap: growth(({ heap }) => heap),
        outside: growth(({ outside }) => outside),
        resident: growth(({ resident }) => resident),
      };
      process.stdout.write(`${looks.at(-1)?.count ?? 0} records; growth in bytes: ${JSON.stringify(figures)}\n`);
      expect(figures.heap).toBeLessThan(MEGABYTE);
      expect(figures.outside).toBeLessThan(2 * MEGABYTE);
    },
    minutes * 60_000 + 120_000,
  );
});
