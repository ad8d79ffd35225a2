import { describe, test } from 'vitest';
import { marble, ofPartitions } from '../../support/scripted/index.ts';
import { delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// all RST | bootstrap ok → M | pick broker: bootstrap again …

describe('librdkafka-rebootstrap-loop', () => {
  test(
    'all brokers go and come back: what the bootstrap broker tells is believed, and the next connections are to the brokers that it names',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 2, 1, { replicationFactor: 2 });
      const { live, say } = telling(kit, 10_000, cluster.sent('Bootstrap', 'Connect', 'Metadata'), [
        'bootstrap at b1',
        'metadata at b1',
        'connect at b1',
        'connect at b2',
        'orders-0@0',
        'orders-1@0',
        'down',
        'connect at b2',
        'connect at b1',
        'connect at b2',
        'bootstrap at b2',
        'connect at b1',
        'connect at b1',
        'connect at b2',
        'connect at b1',
        'up',
        'bootstrap at b1',
        'connect at b2',
        'metadata at b1',
        'connect at b2',
        'metadata at b2',
        'connect at b1',
        'orders-0@1',
        'orders-1@1',
      ]);
      live(consume({ mode: ofPartitions(2), fetch: patient }).pipe(delivered()), '4s !');
      const all = (kind: 'down' | 'up') => (): void => {
        say(kind);
        for (const node of [1, 2]) cluster.apply({ kind, node });
      };
      play('500ms d 999ms u 499ms w', { d: all('down'), u: all('up'), w: () => cluster.append('orders', 0, 1).append('orders', 1, 1) });
    }, 2),
  );
});
