import process from 'node:process';
import { timer } from 'rxjs';
import { expect, test } from 'vitest';
import { processRecords } from '../../operators/index.ts';
import { fromKafka } from '../../src/index.ts';
import { runMarblesAsync } from '../../src/testing/index.ts';

/** One run of a pipeline that fails once and waits for half a minute: ms of the processor, which are those of the clock where nobody else wants it. */
async function lasted(): Promise<number> {
  const began = process.cpuUsage();
  await runMarblesAsync(({ cluster, scheduler, expectObservable }) => {
    cluster.topic('orders', 1, 2);
    let failed = false;
    const bill = async ({ offset }: { readonly offset: number }): Promise<number> => {
      await Promise.resolve();
      if (failed) return offset;
      failed = true;
      throw new Error('no');
    };
    const billing = fromKafka(cluster, { groupId: 'billing', topics: ['orders'], scheduler }).pipe(
      processRecords(bill, { restart: () => timer(30_000) }),
    );
    expectObservable(billing).toBe('30012ms (ab)', { a: 0, b: 1 });
  });
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}

test('half a minute of back-off is tested in less than 50 ms, the best of five times', async () => {
  const times: number[] = [];
  for (let run = 0; run < 5; run++) times.push(await lasted());
  expect(Math.min(...times)).toBeLessThan(50);
});
