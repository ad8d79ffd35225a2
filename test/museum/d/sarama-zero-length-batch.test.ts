import { merge } from 'rxjs';
import { describe, test } from 'vitest';
import { asMember, marble } from '../../support/scripted/index.ts';
import { brought, delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// F(@100)->hole(100..100100)

describe('sarama-zero-length-batch', () => {
  test(
    'an empty batch over a hundred thousand offsets is passed at once, to its end and no further, and that is committed',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 100).append('orders', 0, [], { lastOffsetDelta: 100_000 });
      cluster.apply({ kind: 'commit', groupId: 'g', topic: 'orders', partition: 0, offset: 100 });
      const { live } = telling(kit, 3_000, merge(cluster.sent('Fetch', 'OffsetCommit'), brought(cluster)), [
        'fetch orders/0@100',
        '-> orders/0 hole[100..100100]',
        'fetch orders/0@100101',
        'commit orders/0=100101 in 1',
        '-> orders/0 ok[100101..100101]',
        'orders-0@100101',
        'commit orders/0=100102 in 1',
        'fetch orders/0@100102',
      ]);
      const work = consume({ mode: asMember(), fetch: patient, commit: { interval: 50, records: Infinity } });
      live(work.pipe(delivered()), '2s !');
      play('1500ms w', { w: () => cluster.append('orders', 0, 1) });
    }),
  );
});
