import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeJava, eventually } from '../support/kafka.ts';
import { realStage } from './grounds/network/real.ts';
import { simulatedStage } from './grounds/network/simulated.ts';
import { partitions, type Scene, type Stage } from './grounds/network/stage.ts';

function suite({ kind, timing, cuts, open }: Stage): void {
  const { requestTimeout, backoff, slack, moment, slow, refusal } = timing;
  const step = backoff.max * (1 + backoff.jitter);
  let scene: Scene;

  beforeAll(async () => {
    scene = await open();
    await flows('from the beginning', 30_000);
  }, 90_000);

  afterAll(() => scene.close());

  /** What is written from now on arrives within so many ms. */
  async function flows(what: string, within: number): Promise<void> {
    const due = scene.written.map((number) => number + 2);
    await eventually(
      async () => (await scene.reader.ask('look')).next.filter((next, partition) => next >= (due[partition] ?? 0)).length === partitions,
      { what: `records ${what}`, deadline: within },
    );
  }

  /** Nothing lost, nothing twice, nothing out of order, in one and the same assignment. */
  async function expectWhole(): Promise<void> {
    expect(await scene.reader.ask('look')).toMatchObject({ strange: [], assignments: 1 });
  }

  describe.each(['requests', 'answers', 'both'] as const)('swallows %s', (direction) => {
    test('for a moment; both also for longer than a request may take', async () => {
      for (const ms of direction === 'both' ? [moment, requestTimeout + backoff.max] : [moment]) {
        scene.network.swallow(direction);
        await pause(ms);
        await scene.network.heal();
        await flows(`after ${ms} ms`, requestTimeout + 500 + step + slack);
      }
      await expectWhole();
    }, 30_000);
  });

  test('is slow: records flow; slower than a request may take: they flow again once it is not', async () => {
    scene.network.delay(slow);
    await flows('though each way takes its time', 15 * slow + slack);
    scene.network.delay(requestTimeout);
    await pause(requestTimeout + backoff.max);
    await scene.network.heal();
    await flows('after the delay', requestTimeout + 500 + step + slack);
    await expectWhole();
  }, 30_000);

  test.each(cuts.map(({ how, places }) => [how, places] as const))(
    'cuts connections %s',
    async (how, places) => {
      for (const place of places) {
        await scene.cut(how, place);
        await flows(`after a cut at ${place}`, step + slack);
      }
      await expectWhole();
    },
    60_000,
  );

  test(`refuses: one attempt in each step of the back-off, ${kind === 'real' ? 'under 5 % of a core, ' : ''}and it goes on within a step of the return`, async () => {
    const before = await scene.reader.ask('look');
    await scene.network.refuse();
    await pause(refusal);
    const after = await scene.reader.ask('look');
    await scene.network.heal();
    await flows('after the refusal', step + slack);

    // Of a process that does nothing else.
    if (kind === 'real') expect(after.cpu - before.cpu).toBeLessThan(refusal * 0.05);
    const attempts = after.attempts.slice(before.attempts.length);
    const gaps = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
    gaps.forEach((gap, index) => {
      expect(gap, gaps.join(' ')).toBeGreaterThan((1 - backoff.jitter) * Math.min(backoff.max, backoff.initial * 2 ** index) - 2);
    });
    expect(attempts.length).toBeGreaterThan(4);
    await expectWhole();
  }, 30_000);
}

describe('a hostile network, simulated', () => suite(simulatedStage));
await describeJava('a hostile network', () => suite(realStage));
