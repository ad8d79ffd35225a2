import { expect, test } from 'vitest';
import { eventually, uniqueTopic } from '../support/kafka.ts';
import type { Line } from '../support/lines.ts';
import { consumed } from './grounds/consume.ts';
import { describeGrounds } from './grounds/describeGrounds.ts';
import { live, sessionTimeoutOn } from './grounds/life.ts';

await describeGrounds('at most once', (ground) => {
  test('a process that is killed loses what it had committed and not done, and no record is ever seen twice', async () => {
    const topic = await ground.createTopic('once', { partitions: 2 });
    const groupId = uniqueTopic('once-group');
    const seen: Line[] = [];
    const isReal = ground.kind === 'real';
    await ground.produce({ topic, partitions: 2, count: isReal ? 20_000 : 4_000 });
    for (const [round, enough] of (isReal ? [400, 900] : [200, 300]).entries()) {
      const life = live(ground, topic, groupId);
      try {
        await eventually(() => life.lines().length >= enough, { what: `${enough} records in life ${round}`, deadline: 30_000, every: 20 });
      } finally {
        seen.push(...(await life.kill()));
      }
      // Kafka was told of each before it was delivered.
      const committed = await ground.committed(groupId, topic);
      for (const { partition, offset } of seen) expect(offset).toBeLessThan(committed[partition] ?? -1);
    }
    await consumed(
      ground,
      { groupId, topics: [topic], delivery: 'at-most-once', sessionTimeout: sessionTimeoutOn(ground), stopAt: 'end' },
      ({ partition, offset }) => {
        seen.push({ partition, offset, at: 0 });
      },
    );
    expect(new Set(seen.map(({ partition, offset }) => `${partition}-${offset}`)).size).toBe(seen.length);
    expect(await ground.committed(groupId, topic)).toEqual(await ground.ends(topic));
  }, 90_000);
});
