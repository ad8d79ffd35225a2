import { concatMap, map, mergeMap, tap, timer } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import { telling } from '../telling.ts';
import { marble, ofPartitions } from '../../support/scripted/index.ts';

// U:seek(p0) while p1 batch cached

describe('confluent-js-seek-breaks-at-least-once', () => {
  test(
    'a seek moves its own partition: what is buffered of the others is delivered, once, and nothing of them is skipped',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 2, 4);
      const { live, say } = telling(kit, 1_500, cluster.sent('OffsetCommit'), [
        ...['commit orders/0=0', 'commit orders/1=0'],
        ...['orders-0@0', 'orders-1@0', 'orders-0@1', 'orders-1@1'],
        'seek orders-0 to 3',
        'commit orders/0=3 orders/1=2',
        'orders-0@2', // its work was under way
        ...['orders-1@2', 'orders-1@3'],
        'commit orders/1=4',
        'orders-0@3',
        'commit orders/0=4',
      ]);
      let first: PartitionStream | undefined;
      const work = consume({
        mode: ofPartitions(2, 'g'),
        window: { records: 1, bytes: 1e6 },
        commit: { interval: 200, records: Infinity },
      }).pipe(
        tap((stream) => {
          if (stream.partition === 0) first = stream;
        }),
        mergeMap((stream) =>
          stream.pipe(
            concatMap((record) => timer(10).pipe(map(() => record))),
            ackEach(),
            map(({ offset }) => `${stream.key}@${offset}`),
          ),
        ),
      );
      live(work, '1500ms !');
      play('30ms s', {
        s: () => {
          say('seek orders-0 to 3');
          first?.seek({ offset: 3 });
        },
      });
    }),
  );
});
