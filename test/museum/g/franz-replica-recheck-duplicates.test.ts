import { map, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// F(b2@100)->ok[100..199], lease expires now | expect next F(b1@200)

describe('franz-replica-recheck-duplicates', () => {
  test(
    'when the lease of a follower is over the leader is asked for what comes next, though an answer was on its way: each record once',
    marble(
      (kit) => {
        const { cluster, consume, play } = kit;
        cluster.topic('orders', 1, 100, { replicationFactor: 2 }).append('orders', 0, 100);
        const { live, say } = telling(kit, 5_000, fetching(cluster), [
          ...['fetch orders/0@100 at b1', 'answer orders/0: read from b2 at b1'],
          ...['fetch orders/0@100 at b2', 'answer orders/0: 100..199 at b2', 'batch 100..199', 'fetch orders/0@200 at b2'],
          'the lease is over, and the answer of b2 comes',
          ...['answer orders/0: 200..299 at b2', 'batch 200..299'],
          ...['fetch orders/0@300 at b1', 'answer orders/0: read from b2 at b1', 'fetch orders/0@300 at b2'],
        ]);
        const work = consume({
          mode: asMember({ rackId: 'east' }),
          metadataMaxAge: 1_000,
          startFrom: { offset: 100 },
          fetch: { minBytes: 1, maxWait: 6_000, maxBytes: 1e6, maxPartitionBytes: 1e6 },
        }).pipe(
          mergeMap((stream) => stream.batches.pipe(ackEach())),
          map(({ firstOffset, lastOffset }) => `batch ${firstOffset}..${lastOffset}`),
        );
        live(work, '5s !');
        play('1500ms w', {
          w: () => {
            say('the lease is over, and the answer of b2 comes');
            cluster.append('orders', 0, 100);
          },
        });
      },
      { brokers: ['west', 'east'], settings: { rackAware: true } },
    ),
  );
});
