import { merge, tap } from 'rxjs';
import { describe, test } from 'vitest';
import { marble } from '../../support/scripted/index.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import { brought, delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// U:seek(103) F(@103)->ok[100..109] | expect 103..109

describe('kafka-seek-mid-batch', () => {
  test.each(['none', 'gzip'] as const)(
    'a seek into the middle of a batch (%s): the broker sends all of it, and what is below is dropped',
    (compression) => {
      marble((kit) => {
        const { cluster, consume, play } = kit;
        cluster.topic('orders', 1, 100);
        let stream: PartitionStream | undefined;
        const { live } = telling(kit, 300, merge(cluster.sent('Fetch'), brought(cluster)), [
          'fetch orders/0@100',
          '-> orders/0 ok[100..109]',
          'fetch orders/0@103',
          '-> orders/0 ok[100..109]',
          'orders-0@103',
          'orders-0@104',
          'orders-0@105',
          'orders-0@106',
          'orders-0@107',
          'orders-0@108',
          'orders-0@109',
          'fetch orders/0@110',
        ]);
        const work = consume({ startFrom: { offset: 100 }, fetch: { ...patient, maxWait: 20 } }).pipe(
          tap((each) => {
            stream = each;
          }),
          delivered(),
        );
        live(work, '30ms !');
        play('10ms s', {
          s: () => {
            cluster.append('orders', 0, 10, { compression });
            stream?.seek({ offset: 103 });
          },
        });
      })();
    },
  );
});
