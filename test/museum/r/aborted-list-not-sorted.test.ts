import { merge } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { marble } from '../../support/scripted/index.ts';
import { answered, brought, delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// abortedTxns:[{pid2,20},{pid1,10}] records pid1@10,11, abort@12

describe('aborted-list-not-sorted', () => {
  test(
    'aborted transactions that are listed in another order than that of the log: none of their records is delivered, and each other one is',
    marble((kit) => {
      const { cluster, consume } = kit;
      const of = { kind: 'transaction', topic: 'orders', partition: 0 } as const;
      cluster.topic('orders', 1, 10);
      cluster.apply({ ...of, producerId: 1, records: 2, ends: 'abort' }); // 10, 11, and 12 is the marker
      cluster.append('orders', 0, 7); // up to 19
      cluster.apply({ ...of, producerId: 2, records: 2, ends: 'abort' }); // 20, 21, 22
      cluster.apply({ ...of, producerId: 1, records: 1, ends: 'commit' }); // 23, 24
      const { log } = cluster.partition('orders', 0);
      const sorted = log.abortedAround.bind(log);
      log.abortedAround = (offset, bytes) => [...sorted(offset, bytes)].reverse();
      const listed: unknown[] = [];
      answered(cluster).subscribe(({ abortedTransactions }) => listed.push(...(abortedTransactions ?? [])));
      const { live } = telling(kit, 300, merge(cluster.sent('Fetch'), brought(cluster)), [
        'fetch orders/0@10',
        '-> orders/0 txn[10..11] ctl[12] ok[13..19] txn[20..21] ctl[22] txn[23..23] ctl[24]',
        'orders-0@13',
        'orders-0@14',
        'orders-0@15',
        'orders-0@16',
        'orders-0@17',
        'orders-0@18',
        'orders-0@19',
        'orders-0@23',
        'fetch orders/0@25',
      ]);
      live(consume({ startFrom: { offset: 10 }, fetch: patient }).pipe(delivered()), '250ms !');
      kit.scheduler.schedule(() => {
        expect(listed).toEqual([
          { producerId: 2, firstOffset: 20 },
          { producerId: 1, firstOffset: 10 },
        ]);
      }, 260);
    }),
  );
});
