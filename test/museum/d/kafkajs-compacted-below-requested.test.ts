import { merge } from 'rxjs';
import { describe, test } from 'vitest';
import { marble } from '../../support/scripted/index.ts';
import { brought, delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// F(@100)->batch{base 88,last 112, records 98,99} | expect F(@113)

describe('kafkajs-compacted-below-requested', () => {
  test(
    'a batch whose records are all below the position is passed by its header: the next fetch is behind it, and nothing of it is delivered',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 88);
      const survivors = [98, 99].map((offset) => ({ offsetDelta: offset - 88, value: Buffer.from(String(offset)) }));
      cluster.append('orders', 0, survivors, { lastOffsetDelta: 112 - 88 });
      const { live } = telling(kit, 300, merge(cluster.sent('Fetch'), brought(cluster)), [
        'fetch orders/0@100',
        '-> orders/0 ok[88..112]:2',
        'fetch orders/0@113',
        '-> orders/0 ok[113..113]',
        'orders-0@113',
        'fetch orders/0@114',
      ]);
      live(consume({ startFrom: { offset: 100 }, fetch: patient }).pipe(delivered()), '250ms !');
      play('200ms w', { w: () => cluster.append('orders', 0, 1) });
    }),
  );
});
