import { map, merge } from 'rxjs';
import { describe, test } from 'vitest';
import { codeOf, marble, NEVER_ANSWERED } from '../../support/scripted/index.ts';
import { delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// F->hang, socket stays open | +requestTimeout

describe('kafkajs-no-request-timeout', () => {
  const ways = { 'never comes': NEVER_ANSWERED, 'comes when the time is over': { delay: 1_300 } } as const;
  test.each(Object.keys(ways) as (keyof typeof ways)[])(
    'an answer that %s: the fetch has a deadline, its connection is closed at that, and another is opened: no answer can meet another request',
    (way) => {
      marble((kit) => {
        const { cluster, consume, told } = kit;
        cluster.topic('orders', 1, 2);
        cluster.fail('Fetch', ways[way]);
        const failed = told('retryScheduled').pipe(map(({ api, error }) => `${api}: ${String(codeOf(error))}`));
        const wire = cluster.sent('Connect', 'Fetch', 'Disconnect');
        const { live } = telling(kit, 3_000, merge(failed, wire), [
          'connect',
          'disconnect',
          '3 fetch orders/0@0',
          '1202 disconnect',
          '1202 Fetch: REQUEST_TIMED_OUT',
          'connect',
          'connect',
          '1303 fetch orders/0@0',
          'orders-0@0',
          'orders-0@1',
          'fetch orders/0@2',
          'disconnect',
          'disconnect',
        ]);
        live(consume({ fetch: { ...patient, maxWait: 200 }, requestTimeout: 1_000 }).pipe(delivered()), '1450ms !');
      })();
    },
  );
});
