import { merge } from 'rxjs';
import { describe, test } from 'vitest';
import { marble } from '../../support/scripted/index.ts';
import { brought, delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// F(@n)->ctl[n] (end of segment)

describe('kafka-node-marker-at-segment-end', () => {
  test(
    'an answer that ends behind a marker, with records of the next segment to come, is followed by a fetch of those',
    marble((kit) => {
      const { cluster, consume } = kit;
      cluster.topic('orders', 1);
      cluster.apply({ kind: 'transaction', topic: 'orders', partition: 0, records: 3, ends: 'commit', producerId: 7 });
      cluster.append('orders', 0, 2);
      const { live } = telling(kit, 300, merge(cluster.sent('Fetch'), brought(cluster)), [
        'fetch orders/0@3',
        '-> orders/0 ctl[3]',
        'fetch orders/0@4',
        '-> orders/0 ok[4..5]',
        'orders-0@4',
        'orders-0@5',
        'fetch orders/0@6',
      ]);
      // An answer has room for one batch, as at the end of a segment.
      const fetch = { ...patient, maxPartitionBytes: 1 };
      live(consume({ startFrom: { offset: 3 }, fetch }).pipe(delivered()), '250ms !');
    }),
  );
});
