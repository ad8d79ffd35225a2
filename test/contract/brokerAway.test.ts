import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { describeJava, eventually } from '../support/kafka.ts';
import { realOutage, simulatedOutage, type Outage } from './grounds/outage.ts';

/** The only broker is away for so many ms. The CPU is looked at where the reader has a process of its own. */
async function away(open: () => Promise<Outage>, length: number): Promise<void> {
  const outage = await open();
  const { ground } = outage;
  const topic = await ground.createTopic('away', { partitions: 3 });
  await ground.produce({ topic, partitions: 3, count: 300 });
  const reader = outage.read(topic, 'away-group');
  const records = async (): Promise<number> => (await reader.ask('look')).records;
  try {
    await eventually(async () => (await records()) === 300, { what: 'all records before', deadline: 30_000 });
    await outage.down();
    const before = await reader.ask('look');
    // The outage is the thing under test: it lasts as long as the promise says.
    await pause(length);
    const after = await reader.ask('look');
    if (ground.kind === 'real') expect(after.cpu - before.cpu).toBeLessThan(length * 0.05);

    await outage.up();
    const back = performance.now();
    await ground.produce({ topic, partitions: 3, count: 30, from: 300 });
    await eventually(async () => (await records()) >= 330, {
      what: 'records after the return',
      deadline: 15_000 - (performance.now() - back),
    });
    await eventually(async () => expect(await ground.committed('away-group', topic)).toEqual(await ground.ends(topic)), {
      what: 'the commit of what came after',
      deadline: 15_000,
    });
    expect(await records()).toBe(330);
  } finally {
    await reader.end();
    await outage.close();
  }
}

describe('the only broker is away, simulated', () => {
  test('for 2 s: records flow within 15 s of its return', () => away(simulatedOutage, 2_000), 40_000);
});

await describeJava('the only broker is away', () => {
  test(
    'for 20 s: records flow within 15 s of its return, and the wait costs less than 5 % of a core',
    () => away(realOutage, 20_000),
    120_000,
  );
});
