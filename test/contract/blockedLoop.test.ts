import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTopic, describeKafka, eventually, produceWithJava, uniqueTopic } from '../support/kafka.ts';
import type { Blocked } from './grounds/consumers/blocker.ts';
import { inChild } from './grounds/consumers/consumer.ts';

const sessionTimeout = 6_000;
const at = 50;
const count = 100;

/** In a process of its own: it would block ours. Simulated in test/consumer/blockedLoop.test.ts. */
await describeKafka('a handler that blocks the event loop', (kafka) => {
  test('for two sessions inside of one batch: that record is late, and no other is delivered before the group has been heard', async () => {
    const topic = await createTopic(kafka, uniqueTopic('blocked'), { partitions: 1 });
    await produceWithJava(kafka, { topic, partitions: 1, count });
    const options = { groupId: uniqueTopic('blocked'), topics: topic, sessionTimeout, heartbeatInterval: 500, commit: { interval: 200 } };
    const args = [kafka.brokers.join(','), JSON.stringify(options), String(at), String(2 * sessionTimeout)];
    const consumer = inChild<Blocked>(join(import.meta.dirname, 'children/blocker.ts'), args);
    try {
      const whole = async (): Promise<Blocked> => {
        const seen = await consumer.ask('look');
        expect(seen.records.at(-1)?.offset).toBe(count - 1);
        return seen;
      };
      const { records, lost, freeAt } = await eventually(whole, { what: 'all records', deadline: 40_000 });
      const [first = 0] = records.map(({ epoch }) => epoch);
      const before = records.filter(({ epoch }) => epoch === first);
      expect(before.map(({ offset }) => offset)).toEqual(Array.from({ length: at + 1 }, (_, offset) => offset));
      // Its session was over at the coordinator: it is told so, and given the partition anew.
      expect(lost).toBe(1);
      const behind = records.filter(({ epoch }) => epoch !== first);
      expect(behind[0]?.at).toBeGreaterThan(freeAt);
      expect(behind[0]?.offset).toBeLessThanOrEqual(at + 1);
      expect(behind.map(({ offset }) => offset)).toEqual(Array.from({ length: behind.length }, (_, i) => count - behind.length + i));
    } finally {
      await consumer.end();
    }
  }, 60_000);
});
