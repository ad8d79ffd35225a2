import { merge } from 'rxjs';
import { describe, test } from 'vitest';
import { marble } from '../../support/scripted/index.ts';
import { brought, delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// F->ab[10..5000] filling maxBytes, no ctl

describe('librdkafka-spurious-size-error', () => {
  test(
    'an answer that is full of what was aborted, and ends before the marker, is no error: the position passes it, and what follows is delivered',
    marble((kit) => {
      const { cluster, consume } = kit;
      cluster.topic('orders', 1, 10);
      const aborted = { kind: 'transaction', topic: 'orders', partition: 0, producerId: 7, records: 500 } as const;
      for (let batch = 0; batch < 3; batch++) cluster.apply({ ...aborted, ends: 'open' });
      cluster.apply({ kind: 'endTransaction', topic: 'orders', partition: 0, producerId: 7, ends: 'abort' }).append('orders', 0, 1);
      const { live } = telling(kit, 300, merge(cluster.sent('Fetch'), brought(cluster)), [
        'fetch orders/0@10',
        '-> orders/0 txn[10..509] cut',
        'fetch orders/0@510',
        '-> orders/0 txn[510..1009] cut',
        'fetch orders/0@1010',
        '-> orders/0 txn[1010..1509] ctl[1510] ok[1511..1511]',
        'orders-0@1511',
        'fetch orders/0@1512',
      ]);
      // Room for one batch of it and a piece of the next.
      const fetch = { ...patient, maxBytes: 7_000, maxPartitionBytes: 7_000 };
      live(consume({ startFrom: { offset: 10 }, fetch }).pipe(delivered()), '250ms !');
    }),
  );
});
