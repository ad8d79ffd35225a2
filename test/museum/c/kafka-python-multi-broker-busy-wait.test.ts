import { filter, map, merge, scan } from 'rxjs';
import { describe, test } from 'vitest';
import { marble, NEVER_ANSWERED, ofPartitions } from '../../support/scripted/index.ts';
import { delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// F(b1)->hang, F(b2)->none at once, repeatedly

describe('kafka-python-multi-broker-busy-wait', () => {
  test(
    'a broker that answers at once and with nothing is asked no more often than the back-off says, whatever another one does; what it gets then is delivered',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 2);
      cluster.fail('Fetch', NEVER_ANSWERED, { node: 1 });
      const count = (node: string) =>
        cluster.sent('Fetch').pipe(
          filter((line) => line.endsWith(node)),
          scan((before) => before + 1, 0),
          filter((fetches) => fetches === 1 || fetches % 5 === 0),
          map((fetches) => `F(${node}) ${String(fetches)}`),
        );
      const { live } = telling(kit, 3_000, merge(count('b1'), count('b2')), [
        'F(b1) 1',
        'F(b2) 1',
        'F(b2) 5',
        'F(b2) 10',
        'orders-1@0',
        'F(b2) 15',
        'F(b2) 20',
        'F(b1) 5',
      ]);
      live(consume({ mode: ofPartitions(2), fetch: { ...patient, maxWait: 0 }, requestTimeout: 1_500 }).pipe(delivered()), '2s !');
      play('1s w', { w: () => cluster.append('orders', 1, 1) });
    }, 2),
  );
});
