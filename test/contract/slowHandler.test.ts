import { take } from 'rxjs';
import { expect, test } from 'vitest';
import { processRecords } from '../../operators/index.ts';
import { fromKafka } from '../../src/index.ts';
import { ended } from '../support/consume.ts';
import { describeGrounds } from './grounds/describeGrounds.ts';

const partitions = 12;
const TRIES = 3;
/** Of the handler's own rate. */
const ENOUGH = 0.9;

/** One millisecond of work. */
function work(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

/** The same handler with nothing around it, one call after another: beside the other, so that whoever else uses the machine slows both. */
class Alone {
  calls = 0;
  private goesOn = true;

  async run(): Promise<void> {
    for (; this.goesOn; this.calls++) await work();
  }

  stop(): void {
    this.goesOn = false;
  }
}

await describeGrounds('one partition with records of 10 KB and a handler of 1 ms, beside eleven idle ones', (ground) => {
  test('is handled at 90 % of the handler’s own rate at least', async () => {
    // Three times what a slice of the buffer holds: 64 MiB in twelve.
    const count = 1_500;
    const topic = await ground.createTopic('slow', { partitions });
    await ground.produce({ topic, partitions: 1, count, valueSize: 10_000 });
    const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));

    async function ratio(): Promise<number> {
      const alone = new Alone();
      let running: Promise<void> | undefined;
      await ended(
        fromKafka(ground.source(), { partitions: all }).pipe(
          processRecords(({ offset }) => {
            running ??= alone.run();
            return work().then(() => offset);
          }),
          take(count),
        ),
      );
      const { calls } = alone;
      alone.stop();
      await running;
      return count / calls;
    }

    const ratios: number[] = [];
    while (ratios.length < TRIES && Math.max(0, ...ratios) < ENOUGH) ratios.push(await ratio());
    expect(Math.max(...ratios), ratios.join()).toBeGreaterThanOrEqual(ENOUGH);
  }, 60_000);
});
