import { merge } from 'rxjs';
import { describe, test } from 'vitest';
import { marble } from '../../support/scripted/index.ts';
import { brought, delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// F(b1:p0@10)->ctl[10] | expect F(@11)

describe('kafkajs-control-only-batch', () => {
  test(
    'a batch that holds nothing but a marker moves the position: it is fetched once',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 10);
      cluster.apply({ kind: 'transaction', topic: 'orders', partition: 0, records: 0, ends: 'commit', producerId: 7 });
      const { live } = telling(kit, 300, merge(cluster.sent('Fetch'), brought(cluster)), [
        'fetch orders/0@10',
        '-> orders/0 ctl[10]',
        'fetch orders/0@11',
        '-> orders/0 ok[11..11]',
        'orders-0@11',
        'fetch orders/0@12',
      ]);
      live(consume({ startFrom: { offset: 10 }, fetch: patient }).pipe(delivered()), '250ms !');
      play('200ms w', { w: () => cluster.append('orders', 0, 1) });
    }),
  );
});
