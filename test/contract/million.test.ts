import { once } from 'node:events';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { killed, startChild } from '../support/child.ts';
import { createTopic, describeKafka, produceWithJava, uniqueTopic } from '../support/kafka.ts';
import type { Run } from './children/sprinter.ts';

/** Milliseconds. */
const LIMIT = 20;
const TRIES = 3;

/** On a real Kafka only: the simulated cluster would hold up the same event loop. */
await describeKafka('a million records with the defaults', (kafka) => {
  async function run(topic: string): Promise<Run> {
    const child = startChild(join(import.meta.dirname, 'children/sprinter.ts'), [kafka.brokers.join(','), topic, uniqueTopic('group')]);
    try {
      const [told] = (await once(child, 'message')) as [Run];
      return told;
    } finally {
      if (child.exitCode === null) await killed(child);
    }
  }

  /** Where others wait for the processor as well, the clock tells how long they had it: then what we used ourselves counts. */
  function heldUp({ p99, ownP99 }: Run): number {
    const [load = 0] = loadavg();
    return load > availableParallelism() ? Math.min(p99, ownP99) : p99;
  }

  test('come once and in order, and hold the event loop up for 20 ms at most (p99)', async () => {
    const count = 1_000_000;
    const partitions = 3;
    const topic = await createTopic(kafka, uniqueTopic('million'), { partitions });
    await produceWithJava(kafka, { topic, partitions, count });
    const runs: Run[] = [];
    // Another process can only make it worse: one run within the limit is enough.
    while (runs.length < TRIES && !runs.some((each) => heldUp(each) <= LIMIT)) {
      const told = await run(topic);
      expect([told.count, told.strange]).toEqual([count, []]);
      runs.push(told);
    }
    expect(Math.min(...runs.map(heldUp)), JSON.stringify(runs)).toBeLessThanOrEqual(LIMIT);
  }, 180_000);
});
