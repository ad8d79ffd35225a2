import { ignoreElements, interval, map, merge, mergeMap, take, tap } from 'rxjs';
import { describe, test } from 'vitest';
import { marble, ofPartitions } from '../../support/scripted/index.ts';
import { asked, brought, patient } from '../script.ts';
import { telling } from '../telling.ts';

// A{p0} U:pause(p0) | +1s

describe('kafkajs-all-paused-sync-loop', () => {
  test(
    'with everything paused each partition is fetched up to its slice and then no more, and all other timers fire at their time',
    marble((kit) => {
      const { scheduler, cluster, consume } = kit;
      cluster.topic('orders', 2, 0);
      for (let batch = 0; batch < 9; batch++) for (const partition of [0, 1]) cluster.append('orders', partition, 1, { valueBytes: 1_000 });
      const ticks = interval(250, scheduler).pipe(
        take(4),
        map((count) => `tick ${String(count)}`),
      );
      const { live } = telling(kit, 2_000, merge(asked(cluster), brought(cluster), ticks), [
        'F(orders/0@0)',
        'F(orders/1@0)',
        '-> orders/0 ok[0..0] cut',
        '-> orders/1 ok[0..0] cut',
        'F(orders/0@1)',
        'F(orders/1@1)',
        '-> orders/0 ok[1..1]',
        '-> orders/1 ok[1..1]',
        'tick 0',
        'tick 1',
        'tick 2',
        'tick 3',
      ]);
      const work = consume({ mode: ofPartitions(2), fetch: { ...patient, maxPartitionBytes: 1_200 }, maxBuffered: 4_000 }).pipe(
        tap((stream) => stream.pause()),
        mergeMap((stream) => stream.pipe(ignoreElements())),
      );
      live(work, '1100ms !');
    }),
  );
});
