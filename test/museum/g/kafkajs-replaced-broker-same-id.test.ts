import { distinctUntilChanged, filter, map, mergeMap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { BrokerAddress } from '../../../src/transport/port.ts';
import { marble } from '../../support/scripted/index.ts';
import { telling } from '../telling.ts';

// M{b1@h1} | M{b1@h2} | expect connect h2, close h1

describe('kafkajs-replaced-broker-same-id', () => {
  test(
    'a broker that comes back at another address under its old id: it is connected to there, and nothing is left of the old connections',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 1, { replicationFactor: 2 });
      const addresses = cluster.traffic.pipe(
        filter(({ api, kind }) => api === 'Connect' && kind === 'connect'),
        map(({ message }) => (message as BrokerAddress).host),
        filter((host) => host !== 'b2'),
        map((host) => `connects to ${host}`),
        distinctUntilChanged(),
      );
      const { live, say } = telling(kit, 60_000, addresses, [
        'connects to b1',
        'orders-0@0',
        'b1 moves to another host',
        'connects to elsewhere',
        'orders-0@1',
      ]);
      const open = new Set<number>();
      cluster.traffic.subscribe(({ kind, connection, node }) => {
        if (node !== 1) return;
        if (kind === 'open') open.add(connection);
        if (kind === 'disconnect') open.delete(connection);
      });
      let before: readonly number[] = [];
      const work = consume({ metadataMaxAge: 1_000, requestTimeout: 2_000 }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        map(({ partition, offset }) => `orders-${partition}@${offset}`),
      );
      live(work, '60s !');
      play('2s x 4s w 4s e', {
        x: () => {
          say('b1 moves to another host');
          before = [...open];
          expect(before).not.toEqual([]);
          const broker = cluster.model.brokers.get(1);
          if (broker !== undefined) Object.assign(broker, { host: 'elsewhere' });
        },
        w: () => cluster.append('orders', 0, 1),
        e: () => expect(before.filter((connection) => open.has(connection))).toEqual([]),
      });
    }, 2),
  );
});
