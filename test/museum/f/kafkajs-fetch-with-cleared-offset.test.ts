import { filter, map, merge, mergeMap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { marble, ofPartitions } from '../../support/scripted/index.ts';
import { asked, fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// F(p0,p1)->E:OOR both | clear(p0) ‖ build F

describe('kafkajs-fetch-with-cleared-offset', () => {
  test(
    'partitions whose position is looked up anew are not asked for, while their neighbour is; nor is ever an offset asked for that is none',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 3, 51);
      for (const partition of [0, 1]) {
        cluster.apply({ kind: 'deleteRecords', topic: 'orders', partition, before: 51 });
        cluster.append('orders', partition, 1);
      }
      cluster.inject({ api: 'ListOffsets', kind: 'latency', delay: 200, times: Infinity });
      cluster.traffic.subscribe((traffic) => {
        if (traffic.api !== 'Fetch' || traffic.kind !== 'request') return;
        for (const { offset } of asked(cluster, traffic)) expect(offset).toBeGreaterThanOrEqual(50);
      });
      const found = /^(answer orders\/[01]: 51|fetch orders\/[01]@5[12])/;
      const lines = fetching(cluster).pipe(filter((line) => !found.test(line)));
      const { live } = telling(kit, 2_000, merge(lines, cluster.sent('ListOffsets')), [
        ...[0, 1, 2].map((partition) => `fetch orders/${partition}@50`),
        'answer orders/0: OFFSET_OUT_OF_RANGE',
        'answer orders/1: OFFSET_OUT_OF_RANGE',
        ...['answer orders/2: 0..50', 'orders-2@50', 'fetch orders/2@51'],
        'listOffsets orders/0@earliest orders/1@earliest',
        ...['answer orders/2: 51..51', 'orders-2@51', 'fetch orders/2@52'],
        ...['orders-0@51', 'orders-1@51'],
      ]);
      const work = consume({ mode: ofPartitions(3), startFrom: { offset: 50 } }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        map(({ partition, offset }) => `orders-${partition}@${offset}`),
      );
      live(work, '2s !');
      play('200ms w', { w: () => cluster.append('orders', 2, 1) });
    }),
  );
});
