import { map, merge, timer } from 'rxjs';
import { describe, test } from 'vitest';
import { codeOf, marble, RESET } from '../../support/scripted/index.ts';
import { delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// M{brokers:[b1]} F(b1)->RST | M{brokers:[]} | count iterations over +1s

describe('kafkajs-no-brokers-tight-loop', () => {
  test(
    'metadata that knows no brokers is asked for again further and further apart, a foreign timer fires in between, and when they are back the partition goes on',
    marble((kit) => {
      const { scheduler, cluster, consume, play, told } = kit;
      cluster.topic('orders', 1, 1);
      const failed = told('retryScheduled').pipe(map(({ api, error }) => `${api}: ${String(codeOf(error))}`));
      const { live, say } = telling(kit, 4_000, merge(cluster.sent('Metadata', 'Fetch'), failed), [
        '1 metadata',
        'fetch orders/0@0',
        'orders-0@0',
        '4 fetch orders/0@1',
        '200 Fetch: CONNECTION_LOST',
        '201 a foreign timer',
        '201 metadata',
        'Metadata: BROKER_NOT_AVAILABLE',
        '301 fetch orders/0@1',
        '302 metadata',
        'Fetch: CONNECTION_LOST',
        'Metadata: BROKER_NOT_AVAILABLE',
        '503 metadata',
        '503 fetch orders/0@1',
        'Metadata: BROKER_NOT_AVAILABLE',
        'Fetch: CONNECTION_LOST',
        '904 metadata',
        'Metadata: BROKER_NOT_AVAILABLE',
        '905 fetch orders/0@1',
        'Fetch: CONNECTION_LOST',
        '1705 metadata',
        '1707 fetch orders/0@1',
        'orders-0@1',
        '1708 fetch orders/0@2',
      ]);
      live(consume({ fetch: patient, requestTimeout: 1_000 }).pipe(delivered()), '3s !');
      play('200ms x 1099ms u', {
        x: () => {
          Object.defineProperty(cluster.model, 'alive', { value: [], configurable: true }); // it is starting, and knows nobody
          cluster.fail('Fetch', RESET, { times: Infinity });
          cluster.cut(1);
          timer(1, scheduler).subscribe(() => say('a foreign timer'));
        },
        u: () => {
          Object.defineProperty(cluster.model, 'alive', { value: [1] });
          cluster.heal();
          cluster.append('orders', 0, 1);
        },
      });
    }),
  );

  test(
    'metadata that knows no brokers at the start is asked for again in the same way, and the consumer starts when it knows some',
    marble((kit) => {
      const { scheduler, cluster, consume, play, told } = kit;
      cluster.topic('orders', 1, 1);
      Object.defineProperty(cluster.model, 'alive', { value: [], configurable: true });
      const failed = told('retryScheduled').pipe(map(({ api, error }) => `${api}: ${String(codeOf(error))}`));
      const { live, say } = telling(kit, 4_000, merge(cluster.sent('Metadata'), failed), [
        '1 a foreign timer',
        '1 metadata',
        'Metadata: BROKER_NOT_AVAILABLE',
        '103 metadata',
        'Metadata: BROKER_NOT_AVAILABLE',
        '305 metadata',
        'Metadata: BROKER_NOT_AVAILABLE',
        '707 metadata',
        'Metadata: BROKER_NOT_AVAILABLE',
        '1509 metadata',
        '1512 orders-0@0',
      ]);
      timer(1, scheduler).subscribe(() => say('a foreign timer'));
      live(consume({ fetch: patient }).pipe(delivered()), '3s !');
      play('900ms u', { u: () => Object.defineProperty(cluster.model, 'alive', { value: [1] }) });
    }),
  );
});
