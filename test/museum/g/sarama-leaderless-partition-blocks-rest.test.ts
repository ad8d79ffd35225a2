import { filter, map, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { marble, ofPartitions } from '../../support/scripted/index.ts';
import { telling } from '../telling.ts';

// M{p0 leader -1, p1 leader b1} | expect F(p1) flowing; p0 retried

describe('sarama-leaderless-partition-blocks-rest', () => {
  test(
    'a partition that nobody leads holds up neither the start nor the flow of its neighbour; it is looked for, and goes on when it is led',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 2, 1);
      cluster.move('orders', 0, -1);
      let asked = 0;
      cluster.sent('Metadata').subscribe(() => asked++);
      const { live, say } = telling(kit, 20_000, cluster.sent('ListOffsets').pipe(filter((line) => line.includes('earliest'))), [
        'listOffsets orders/1@earliest',
        'orders-1@0',
        ...['a record of orders-1', 'orders-1@1'],
        'it was looked for more than twice',
        'orders-0 has a leader',
        'listOffsets orders/0@earliest',
        'orders-0@0',
        'orders-0 has none again',
        ...['a record of orders-1', 'orders-1@2'],
        'orders-0 has a leader',
        'orders-0@1',
      ]);
      const work = consume({ mode: ofPartitions(2), startFrom: 'earliest' }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        map(({ partition, offset }) => `orders-${partition}@${offset}`),
      );
      live(work, '20s !');
      play('2s w 999ms c l 4s n 499ms w 2s m', {
        w: () => {
          say('a record of orders-1');
          cluster.append('orders', 1, 1);
        },
        c: () => say(`it was looked for ${asked > 3 ? 'more than twice' : String(asked)}`),
        l: () => {
          say('orders-0 has a leader');
          cluster.move('orders', 0, 1);
        },
        n: () => {
          say('orders-0 has none again');
          cluster.move('orders', 0, -1);
        },
        m: () => {
          say('orders-0 has a leader');
          cluster.move('orders', 0, 1);
          cluster.append('orders', 0, 1);
        },
      });
    }),
  );
});
