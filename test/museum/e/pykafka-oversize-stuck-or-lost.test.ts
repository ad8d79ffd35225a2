import { catchError, map, merge, mergeMap, NEVER } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { codeOf, marble, ofPartitions } from '../../support/scripted/index.ts';
import { asked, beforeKip74, brought, patient } from '../script.ts';
import { telling } from '../telling.ts';

// p0: giant at 10, p1: small records | F(p0@10)->truncated | expect p1 flows, p0 error

describe('pykafka-oversize-stuck-or-lost', () => {
  test(
    'a giant that cannot be had is the error of its own partition; the other one flows, and nobody spins',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 2, 10).append('orders', 0, 1, { valueBytes: 5_000 });
      beforeKip74(cluster.partition('orders', 0));
      const { live, say } = telling(kit, 2_000, merge(asked(cluster), brought(cluster)), [
        'F(orders/0@10)',
        'F(orders/1@10)',
        '-> orders/0 bad: 1000 bytes, and no whole batch in them',
        'orders-0: CORRUPT_MESSAGE',
        '-> orders/1 ok[10..10]',
        'orders-1@10',
        'F(orders/1@11)',
        '-> orders/1 ok[11..11]',
        'orders-1@11',
        'F(orders/1@12)',
      ]);
      const fetch = { ...patient, maxWait: 300, maxPartitionBytes: 1_000 };
      const work = consume({ mode: ofPartitions(2), startFrom: { offset: 10 }, fetch, unattendedTimeout: false }).pipe(
        mergeMap((stream) =>
          stream.pipe(
            ackEach(),
            map(({ offset }) => `${stream.key}@${String(offset)}`),
            catchError((error: unknown) => {
              say(`${stream.key}: ${String(codeOf(error))}`);
              return NEVER;
            }),
          ),
        ),
      );
      live(work, '1900ms !');
      play('500ms w 500ms w', { w: () => cluster.append('orders', 1, 1) });
    }),
  );
});
