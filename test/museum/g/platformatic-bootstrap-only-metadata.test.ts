import { distinctUntilChanged, filter, map, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { telling } from '../telling.ts';

// bootstrap [b1]; M→{b1,b2,b3}; b1 RST/hang | M refresh must use b2/b3

describe('platformatic-bootstrap-only-metadata', () => {
  test.each([
    ['dies', 'down'],
    ['hangs', 'freeze'],
  ] as const)('the broker that was asked first %s: who leads is asked of the others, and every record arrives', (_, kind) => {
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 1, { replicationFactor: 3 });
      cluster.move('orders', 0, 2);
      cluster.apply({ kind: 'moveCoordinator', node: 2 });
      let away = false;
      const metadata = cluster.sent('Bootstrap', 'Metadata').pipe(
        map((line) => (away ? line.replace(/b[23]$/, 'another one') : line)),
        distinctUntilChanged(),
        filter((line) => !(away && line.endsWith('b1'))),
      );
      const { live, say } = telling(kit, 60_000, metadata, [
        ...['bootstrap at b1', 'metadata at b1', 'orders-0@0'],
        'b1 is away',
        'metadata at another one',
        ...['orders-1 is new', 'orders-1@0'],
      ]);
      const work = consume({ mode: asMember(), metadataMaxAge: 10_000, requestTimeout: 2_000 }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        map(({ partition, offset }) => `orders-${partition}@${offset}`),
      );
      live(work, '60s !');
      play('1s x 29s y', {
        x: () => {
          away = true;
          say('b1 is away');
          cluster.apply({ kind, node: 1 });
        },
        y: () => {
          say('orders-1 is new');
          cluster.apply({ kind: 'addPartitions', topic: 'orders', partitions: 2 });
          cluster.move('orders', 1, 3);
          cluster.append('orders', 1, 1);
        },
      });
    }, 3)();
  });
});
