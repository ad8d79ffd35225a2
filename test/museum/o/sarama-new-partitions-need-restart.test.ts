import { map, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { telling } from '../telling.ts';
import { asMember, marble } from '../../support/scripted/index.ts';

// M{t:2} A{p0,p1} | M{t:3} | expect rejoin, F(p2@earliest)

describe('sarama-new-partitions-need-restart', () => {
  test(
    'a partition that is added is found at a refresh and read from its beginning, whatever was written before it was found',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 2, 1);
      const { live, say } = telling(kit, 8_000, cluster.sent('SyncGroup'), [
        'sync m-1 in 1',
        'orders-2 is there, with two records',
        'sync m-1 in 2',
        ...['orders-2@0', 'orders-2@1'],
        'orders-0@1',
      ]);
      const life = {
        mode: asMember({ assignors: [range], heartbeatInterval: 100 }),
        metadataMaxAge: 2_000,
        startFrom: 'latest' as const,
        autoOffsetReset: 'latest' as const,
      };
      live(
        consume(life).pipe(
          mergeMap((stream) =>
            stream.pipe(
              ackEach(),
              map(({ offset }) => `${stream.key}@${offset}`),
            ),
          ),
        ),
        '7s !',
      );
      play('500ms p 4s w', {
        p: () => {
          say('orders-2 is there, with two records');
          cluster.apply({ kind: 'addPartitions', topic: 'orders', partitions: 3 }).append('orders', 2, 2);
        },
        w: () => cluster.append('orders', 0, 1),
      });
    }),
  );
});
