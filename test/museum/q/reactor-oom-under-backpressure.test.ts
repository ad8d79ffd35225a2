import { map, merge, timer } from 'rxjs';
import { describe, test } from 'vitest';
import { processRecords } from '../../../operators/index.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { asked, brought, patient } from '../script.ts';
import { telling } from '../telling.ts';

// demand=1/s; each F 500 records; A{..}#2 mid-way

describe('reactor-oom-under-backpressure', () => {
  test(
    'records come by the five hundred and are wanted one by one: two batches are held, before a rebalance and after it, and each record is handled once',
    marble((kit) => {
      const { scheduler, cluster, consume, play } = kit;
      cluster.topic('orders');
      for (let batch = 0; batch < 9; batch++) cluster.append('orders', 0, 500, { valueBytes: 100 });
      const { live } = telling(kit, 30_000, merge(cluster.sent('SyncGroup'), asked(cluster), brought(cluster)), [
        'sync m-1 in 1',
        'F(orders/0@0)',
        '-> orders/0 ok[0..499] cut',
        'F(orders/0@500)',
        '-> orders/0 ok[500..999]',
        'handled 0',
        'handled 5',
        'sync m-1 in 2',
        'F(orders/0@10)',
        '-> orders/0 ok[0..499] cut',
        'F(orders/0@500)',
        '-> orders/0 ok[500..999]',
        'handled 10',
      ]);
      const fetch = { ...patient, maxPartitionBytes: 60_000 };
      const mode = asMember({ heartbeatInterval: 500 });
      const work = consume({ mode, fetch, maxBuffered: 100_000, window: { records: 1_000_000, bytes: 100_000_000 } }).pipe(
        processRecords(({ offset }) =>
          timer(1_000, scheduler).pipe(map(() => (offset % 5 === 0 ? `handled ${String(offset)}` : undefined))),
        ),
      );
      live(work, '16s !');
      play('9500ms r', { r: () => cluster.apply({ kind: 'rebalance' }) });
    }),
  );
});
