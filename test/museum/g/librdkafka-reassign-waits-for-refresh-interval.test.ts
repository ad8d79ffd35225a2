import { map, merge, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { marble, offsets } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// F(b1)->E:NOT_LEADER | expect M within backoff; first F(b2) without inherited delay

describe('librdkafka-reassign-waits-for-refresh-interval', () => {
  test(
    'a partition that moved is looked for at once, and its new leader asked at once, whatever back-off the old one had earned',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 0, { replicationFactor: 1 });
      const metadata = cluster.sent('Metadata').pipe(map(() => 'metadata'));
      cluster.failPartition('orders', 0, ...Array.from({ length: 5 }, () => 'REQUEST_TIMED_OUT'));
      const failing = Array.from({ length: 5 }, () => ['fetch orders/0@0 at b1', 'answer orders/0: REQUEST_TIMED_OUT at b1']).flat();
      const { live } = telling(kit, 60_000, merge(fetching(cluster), metadata), [
        'metadata',
        ...failing,
        '3108 fetch orders/0@0 at b1',
        '9001 answer orders/0: NOT_LEADER_OR_FOLLOWER at b1',
        'metadata',
        '9004 fetch orders/0@0 at b2',
        '20002 answer orders/0: 0..0 at b2',
        '20002 record 0',
        '20002 fetch orders/0@1 at b2',
      ]);
      const fetch = { minBytes: 1, maxWait: 30_000, maxBytes: 1e6, maxPartitionBytes: 1e6 };
      const work = consume({ fetch, backoff: { initial: 100, max: 10_000, jitter: 0 }, requestTimeout: 60_000 }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        offsets(),
        map((offset) => `record ${offset}`),
      );
      live(work, '60s !');
      play('9s x 11s w', {
        x: () => {
          cluster.failPartition('orders', 0, 'NOT_LEADER_OR_FOLLOWER');
          cluster.move('orders', 0, 2);
        },
        w: () => cluster.append('orders', 0, 1),
      });
    }, 2),
  );
});
