import { filter, map, merge, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { FetchRequestAll } from '../../../src/protocol/apis/fetchAll.ts';
import { marble, offsets } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// F(b1:p0@10,e3)->E:FENCED_LEADER_EPOCH | M{leader b2,e4} | expect F(b2:p0@10,e4)

describe('platformatic-fenced-epoch-loop', () => {
  test(
    'a fenced epoch: one answer with that error, who leads is asked, and the next fetch goes to the new leader under its epoch; nothing is lost',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 10, { replicationFactor: 2 });
      for (const leader of [2, 1, 2, 1]) cluster.move('orders', 0, leader);
      const epochs = cluster.traffic.pipe(
        filter(({ api, kind }) => api === 'Fetch' && kind === 'request'),
        mergeMap(({ node, message }) =>
          (message as FetchRequestAll).topics.flatMap(({ partitions }) =>
            partitions.map(({ fetchOffset, currentLeaderEpoch }) => `fetch ${fetchOffset} at b${node} in epoch ${currentLeaderEpoch}`),
          ),
        ),
      );
      const answers = fetching(cluster).pipe(filter((line) => line.startsWith('answer')));
      const { live } = telling(kit, 3_000, merge(epochs, answers), [
        'fetch 0 at b1 in epoch 4',
        'answer orders/0: 0..9 at b1',
        ...Array.from({ length: 10 }, (_, offset) => `record ${offset}`),
        'fetch 10 at b1 in epoch 4',
        'answer orders/0: FENCED_LEADER_EPOCH at b1',
        'fetch 10 at b2 in epoch 5',
        ...['answer orders/0: 10..11 at b2', 'record 10', 'record 11'],
        'fetch 12 at b2 in epoch 5',
      ]);
      const work = consume({ fetch: { minBytes: 1, maxWait: 5_000, maxBytes: 1e6, maxPartitionBytes: 1e6 } }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        offsets(),
        map((offset) => `record ${offset}`),
      );
      live(work, '3s !');
      play('200ms x 999ms w', { x: () => cluster.move('orders', 0, 2), w: () => cluster.append('orders', 0, 2) });
    }, 2),
  );
});
