import { merge } from 'rxjs';
import { describe, test } from 'vitest';
import { marble } from '../../support/scripted/index.ts';
import { brought, delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// F(@484158)->hole(484158..484170) | expect F(@484171)

describe('kafkajs-zero-record-response', () => {
  test(
    'a batch of which compaction has left nothing but its header is passed: it is fetched once',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders').append('orders', 0, [], { lastOffsetDelta: 484_157 });
      cluster.append('orders', 0, [], { lastOffsetDelta: 12 });
      const { live } = telling(kit, 300, merge(cluster.sent('Fetch'), brought(cluster)), [
        'fetch orders/0@484158',
        '-> orders/0 hole[484158..484170]',
        'fetch orders/0@484171',
        '-> orders/0 ok[484171..484171]',
        'orders-0@484171',
        'fetch orders/0@484172',
      ]);
      live(consume({ startFrom: { offset: 484_158 }, fetch: patient }).pipe(delivered()), '250ms !');
      play('200ms w', { w: () => cluster.append('orders', 0, 1) });
    }),
  );
});
