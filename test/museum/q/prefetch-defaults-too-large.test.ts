import { EMPTY, ignoreElements, mergeMap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { marble, ofPartitions } from '../../support/scripted/index.ts';
import { answered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// 90 partitions with backlog, handler stopped | buffered bytes over time

const PARTITIONS = 90;

describe('prefetch-defaults-too-large', () => {
  test.each([45_000, 180_000])(
    'ninety partitions with a backlog, and a handler that stands: all together they hold what maxBuffered (%i bytes) says, or one batch each',
    (maxBuffered) => {
      marble((kit) => {
        const { scheduler, cluster, consume } = kit;
        cluster.topic('orders', PARTITIONS);
        for (let partition = 0; partition < PARTITIONS; partition++)
          for (let batch = 0; batch < 20; batch++) cluster.append('orders', partition, 1, { valueBytes: 930 }); // 1,000 bytes and a little
        let held = 0;
        let last = 0;
        answered(cluster).subscribe(({ records }) => {
          held += records.length;
          if (records.length > 0) last = scheduler.now();
        });
        const { live } = telling(kit, 70_000, EMPTY, []);
        const work = consume({
          mode: ofPartitions(PARTITIONS),
          fetch: { ...patient, maxBytes: 20_000, maxPartitionBytes: 1_100 },
          maxBuffered,
        });
        live(work.pipe(mergeMap((stream) => stream.pipe(ignoreElements()))), '60s !');
        scheduler.schedule(() => {
          const oneEach = PARTITIONS * 1_100;
          expect(held).toBeGreaterThan(PARTITIONS * 1_000 - 1);
          expect(held).toBeLessThanOrEqual(Math.max(maxBuffered, oneEach) + 20_000);
          expect(last).toBeLessThan(1_000);
        }, 61_000);
      })();
    },
  );
});
