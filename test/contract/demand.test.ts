import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { eventually } from '../support/kafka.ts';
import { inChild, inHere, type Remote } from './grounds/consumers/consumer.ts';
import { hoarder, type Hoard } from './grounds/consumers/hoarder.ts';
import { describeGrounds } from './grounds/describeGrounds.ts';
import type { Ground } from './grounds/ground.ts';

/** In a process of its own where its memory is looked at. */
function hoarding(ground: Ground, topic: string, maxBuffered?: number): Remote<Hoard> {
  if (ground.kind === 'simulated')
    return inHere(hoarder(ground.source(), topic, maxBuffered, (error) => expect.unreachable(String(error))));
  const args = [ground.kafka.brokers.join(','), topic, ...(maxBuffered === undefined ? [] : [String(maxBuffered)])];
  return inChild(join(import.meta.dirname, 'children/hoarder.ts'), args, ['--expose-gc']);
}

/** The counts once they have not changed for that many looks. */
async function settled(remote: Remote<Hoard>, every: number): Promise<Hoard> {
  let last = '';
  let still = 0;
  return eventually(
    async () => {
      const look = await remote.ask('look');
      const now = JSON.stringify(look.counts);
      still = now === last && look.counts.length > 0 ? still + 1 : 0;
      last = now;
      return still >= 10 ? look : false;
    },
    { what: 'counts that stand still', deadline: 30_000, every },
  ) as Promise<Hoard>;
}

const megabyte = 1_000_000;

/** From a moment early in its life to a later one. Both are the promise: nothing grows between them. */
async function holdsNoMore(remote: Remote<Hoard>, started: number): Promise<void> {
  await pause(Math.max(0, 10_000 - (performance.now() - started)));
  const early = await remote.ask('look');
  await pause(Math.max(0, 40_000 - (performance.now() - started)));
  const late = await remote.ask('look');
  expect(late.counts).toEqual([10_000, 10_000]);
  expect(Math.abs(late.heap - early.heap)).toBeLessThan(10 * megabyte);
  expect(Math.abs(late.outside - early.outside)).toBeLessThan(10 * megabyte);
}

await describeGrounds('a subscriber that never acks', (ground) => {
  const isReal = ground.kind === 'real';
  const every = isReal ? 100 : 15;

  test(`gets exactly window.records of each partition, one more after an ack${isReal ? ', and holds no more at 40 s than at 10 s' : ''}`, async () => {
    const partitions = 2;
    const topic = await ground.createTopic('hoard', { partitions });
    await ground.produce({ topic, partitions, count: isReal ? 200_000 : 21_000 });
    const started = performance.now();
    const remote = hoarding(ground, topic);
    try {
      expect((await settled(remote, every)).counts).toEqual([10_000, 10_000]);
      if (isReal) await holdsNoMore(remote, started);

      await remote.ask('ack 1');
      expect((await settled(remote, every)).counts).toEqual([10_000, 10_001]);
    } finally {
      await remote.end();
    }
  }, 90_000);

  test('of 10 KB records gets what its slice of maxBuffered holds', async () => {
    const partitions = 2;
    const topic = await ground.createTopic('hoard-large', { partitions });
    const produced = await ground.produce({ topic, partitions, count: 4_000, valueSize: 10_000 });
    const slice = 4 * 1_048_576;
    const remote = hoarding(ground, topic, slice * partitions);
    try {
      const { counts } = await settled(remote, every);
      expect(counts).toHaveLength(partitions);
      counts.forEach((count, partition) => {
        const values = Array.from({ length: count }, (_, offset) => produced.at(partition, offset).value?.length ?? 0);
        const bytes = values.reduce((sum, length) => sum + length, 0);
        // A batch holds one value or two here, and some 100 bytes around each. Nothing is asked for from the slice on.
        expect(bytes).toBeGreaterThan(slice - count * 200 - 10_000);
        expect(bytes).toBeLessThan(slice + 20_000);
      });
    } finally {
      await remote.end();
    }
  }, 60_000);
});
