import { describe, test } from 'vitest';
import { marble } from '../../support/scripted/index.ts';
import { delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// TCP ok, SaslHandshake->hang

describe('librdkafka-connect-setup-unbounded', () => {
  test(
    'a connection that is not ready, however far it has come, is given up at its deadline, and tried again: for the first metadata and for fetches',
    marble((kit) => {
      const { cluster, consume } = kit;
      cluster.topic('orders', 1, 1);
      // A connection is given to us when TCP, TLS, SASL and the versions are done: what hangs in between looks like this.
      cluster.inject({ api: 'Connect', kind: 'noAnswer' });
      cluster.inject({ api: 'Connect', kind: 'noAnswer', after: 1 });
      const { live } = telling(kit, 5_000, cluster.sent('Bootstrap', 'Connect', 'Fetch', 'Disconnect'), [
        '0 bootstrap',
        '600 bootstrap',
        '602 connect',
        'disconnect',
        '1202 connect',
        '1203 connect',
        'fetch orders/0@0',
        'orders-0@0',
        'fetch orders/0@1',
        'disconnect',
        'disconnect',
      ]);
      live(consume({ fetch: patient, requestTimeout: 500 }).pipe(delivered()), '2s !');
    }),
  );
});
