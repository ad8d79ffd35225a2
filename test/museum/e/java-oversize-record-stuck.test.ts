import { map, merge } from 'rxjs';
import { describe, test } from 'vitest';
import { marble } from '../../support/scripted/index.ts';
import { beforeKip74, brought, delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// F(@10,max=1MB)->truncated bytes, no whole batch | F(@10) …

const small = { ...patient, maxBytes: 200, maxPartitionBytes: 100 };

describe('java-oversize-record-stuck', () => {
  test(
    'a record that is larger than every limit passes, and the partition goes on behind it',
    marble((kit) => {
      const { cluster, consume } = kit;
      cluster.topic('orders', 1, 1).append('orders', 0, 1, { valueBytes: 5_000 }).append('orders', 0, 1);
      const { live } = telling(kit, 300, merge(cluster.sent('Fetch'), brought(cluster)), [
        'fetch orders/0@0',
        '-> orders/0 ok[0..0] cut',
        'orders-0@0',
        'fetch orders/0@1',
        '-> orders/0 ok[1..1]',
        'orders-0@1',
        'fetch orders/0@2',
        '-> orders/0 ok[2..2]',
        'orders-0@2',
        'fetch orders/0@3',
      ]);
      live(consume({ fetch: small, window: { records: 10, bytes: 50 }, maxBuffered: 100 }).pipe(delivered()), '250ms !');
    }),
  );

  test(
    'a broker that cuts even the first batch: that is an error which names the place and the size, and it is not fetched again and again',
    marble((kit) => {
      const { cluster, consume, told } = kit;
      cluster.topic('orders', 1, 1).append('orders', 0, 1, { valueBytes: 5_000 }).append('orders', 0, 1);
      beforeKip74(cluster.partition('orders', 0));
      const failed = told('failed').pipe(map(({ error }) => error.message));
      const { live } = telling(kit, 60_000, merge(cluster.sent('Fetch'), brought(cluster), failed), [
        'fetch orders/0@0',
        '-> orders/0 ok[0..0] cut',
        'orders-0@0',
        'fetch orders/0@1',
        '-> orders/0 bad: 100 bytes, and no whole batch in them',
        'no record batch at offset 1 of orders-0: 100 bytes, and no whole batch in them',
        'error CORRUPT_MESSAGE',
      ]);
      live(consume({ fetch: small }).pipe(delivered()), '30s !');
    }),
  );
});
