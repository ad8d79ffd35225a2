import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { killed, startChild } from '../support/child.ts';
import { committedOffsets, endOffsets } from '../support/consume.ts';
import { createTopic, describeJava, eventually, ownedKafka, produceWithJava } from '../support/kafka.ts';

interface Look {
  readonly records: number;
  readonly cpu: number;
}

await describeJava('the only broker is away', () => {
  test('for 20 s: records flow within 15 s of its return, and the wait costs less than 5 % of a core', async () => {
    const kafka = await ownedKafka();
    await createTopic(kafka, 'away', { partitions: 3 });
    await produceWithJava(kafka, { topic: 'away', partitions: 3, count: 300 });
    const child = startChild(join(import.meta.dirname, 'children/reader.ts'), [kafka.brokers.join(','), 'away', 'away-group']);
    const look = async (): Promise<Look> => {
      const answer = once(child, 'message');
      child.send('look');
      const [message] = (await answer) as [Look];
      return message;
    };
    try {
      await eventually(async () => (await look()).records === 300, { what: 'all records before', deadline: 30_000 });
      await kafka.stop(1);
      const before = await look();
      // The outage is the thing under test: it lasts as long as the promise says.
      await pause(20_000);
      const after = await look();
      expect(after.cpu - before.cpu).toBeLessThan(20_000 * 0.05);

      const starting = kafka.start(1);
      await starting;
      const open = performance.now();
      await produceWithJava(kafka, { topic: 'away', partitions: 3, count: 30, from: 300 });
      await eventually(async () => (await look()).records >= 330, {
        what: 'records after the return',
        deadline: 15_000 - (performance.now() - open),
      });
      await eventually(async () => expect(await committedOffsets(kafka, 'away-group', 'away')).toEqual(await endOffsets(kafka, 'away')), {
        what: 'the commit of what came after',
        deadline: 15_000,
      });
      expect((await look()).records).toBe(330);
    } finally {
      await killed(child);
      await kafka.close();
    }
  }, 120_000);
});
