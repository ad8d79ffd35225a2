import { filter, map, merge } from 'rxjs';
import { describe, test } from 'vitest';
import { asMember, marble, NEVER_ANSWERED } from '../../support/scripted/index.ts';
import { delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// F(b1)->hang (callback lost) | A{..}#2 | expect F(b1) again ≤ deadline

describe('platformatic-inflight-node-never-cleared', () => {
  test(
    'a fetch that is never answered holds its broker up for its deadline and no longer, through a rebalance; the other broker is fetched from meanwhile',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 2, 1);
      cluster.fail('Fetch', NEVER_ANSWERED, { node: 1 });
      const atFirst = cluster.sent('Fetch').pipe(
        filter((line) => line.endsWith(' at b1')),
        map(() => 'F(b1)'),
      );
      const { live } = telling(kit, 3_000, merge(cluster.sent('SyncGroup'), atFirst), [
        'sync m-1 in 1 at b1',
        '11 F(b1)',
        'orders-1@0',
        '111 sync m-1 in 2 at b1',
        '501 orders-1@1',
        '1111 F(b1)',
        'orders-0@0',
        'F(b1)',
      ]);
      const fetch = { ...patient, maxWait: 400 };
      live(consume({ mode: asMember({ heartbeatInterval: 50 }), fetch, requestTimeout: 600 }).pipe(delivered()), '1400ms !');
      play('100ms r 399ms w', {
        w: () => cluster.append('orders', 1, 1),
        r: () => cluster.apply({ kind: 'rebalance' }),
      });
    }, 2),
  );
});
