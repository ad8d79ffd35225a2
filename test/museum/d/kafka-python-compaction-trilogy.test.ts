import { merge } from 'rxjs';
import { describe, test } from 'vitest';
import { marble, ofPartitions } from '../../support/scripted/index.ts';
import { asked, brought, delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// as kafkajs-compacted-below-requested; different partitions each time

describe('kafka-python-compaction-trilogy', () => {
  test(
    'the record at the position is compacted away at the beginning, in the middle and at the end of a batch: each partition goes on behind it',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 3);
      const keyed = (...keys: readonly string[]) => keys.map((key) => ({ key: Buffer.from(key), value: Buffer.from(key) }));
      cluster.append('orders', 0, keyed('a', 'a', 'b', 'c')).append('orders', 1, keyed('a', 'b', 'b', 'c'));
      cluster.append('orders', 2, keyed('a', 'b', 'c', 'd', 'd')).append('orders', 2, keyed('d'));
      for (const partition of [0, 1, 2]) {
        cluster.append('orders', partition, keyed('z'));
        cluster.apply({ kind: 'compact', topic: 'orders', partition, before: cluster.partition('orders', partition).log.end });
      }
      const told = merge(asked(cluster), brought(cluster));
      const { live } = telling(kit, 300, told, [
        'F(orders/0@0)',
        '-> orders/0 ok[0..3]:3 ok[4..4]',
        'orders-0@1',
        'orders-0@2',
        'orders-0@3',
        'orders-0@4',
        'F(orders/0@5)',
        'F(orders/1@1)',
        'F(orders/2@3)',
        '-> orders/1 ok[0..3]:3 ok[4..4]',
        '-> orders/2 ok[0..4]:3 ok[5..5] ok[6..6]',
        'orders-1@2',
        'orders-1@3',
        'orders-1@4',
        'orders-2@5',
        'orders-2@6',
        'F(orders/1@5)',
        'F(orders/2@7)',
        '-> orders/1 ok[5..5]',
        'orders-1@5',
        'F(orders/1@6)',
      ]);
      const startFrom = ({ partition }: { readonly partition: number }) => [{ offset: [0, 1, 3][partition] ?? 0 }];
      live(consume({ mode: ofPartitions(3), startFrom, fetch: patient }).pipe(delivered()), '250ms !');
      play('200ms w', { w: () => cluster.append('orders', 1, 1) });
    }),
  );
});
