import { map, merge } from 'rxjs';
import { describe, test } from 'vitest';
import { codeOf, marble } from '../../support/scripted/index.ts';
import { delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// F in flight | socket error → disconnect() waits for F

describe('kafkajs-onerror-deadlock', () => {
  test(
    'a connection that breaks under a fetch: that is told at once, and nothing is waited for; so it is at the end of the consumer',
    marble((kit) => {
      const { cluster, consume, play, told } = kit;
      cluster.topic('orders', 1, 1);
      const failed = told('retryScheduled').pipe(
        map(({ at, api, error, delay }) => `${api}: ${String(codeOf(error))}, again at ${String(at + delay)}`),
      );
      const { live } = telling(kit, 5_000, merge(failed, cluster.sent('Connect', 'Fetch', 'Disconnect')), [
        'connect',
        'disconnect',
        'fetch orders/0@0',
        'orders-0@0',
        '4 fetch orders/0@1',
        '300 disconnect',
        '300 Fetch: CONNECTION_LOST, again at 400',
        'connect',
        'connect',
        '401 fetch orders/0@1',
        '1000 disconnect',
        '1000 disconnect',
      ]);
      live(consume({ fetch: patient }).pipe(delivered()), '1s !');
      play('300ms x', { x: () => cluster.cut(1) });
    }),
  );
});
