import { filter, map, merge, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { FetchRequestAll } from '../../../src/protocol/apis/fetchAll.ts';
import { marble } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// M{p0 e7} F->ok[0..999] in batch epoch 5 | OLE… | expect F(@1000)

describe('kafka-python-validation-starves-poll', () => {
  test(
    'records of an older epoch say nothing about who leads now: what lies behind them is fetched, and no answer is an error',
    marble((kit) => {
      const { cluster, consume } = kit;
      cluster.topic('orders', 1, 0, { replicationFactor: 2 });
      for (const leader of [2, 1, 2, 1, 2]) cluster.move('orders', 0, leader);
      cluster.append('orders', 0, 5).append('orders', 0, 5); // in epoch 5
      for (const leader of [1, 2]) cluster.move('orders', 0, leader);
      cluster.append('orders', 0, 5); // in epoch 7
      const epochs = cluster.traffic.pipe(
        filter(({ api, kind }) => api === 'Fetch' && kind === 'request'),
        mergeMap(({ message }) =>
          (message as FetchRequestAll).topics.flatMap(({ partitions }) =>
            partitions.map((asked) => `fetch ${asked.fetchOffset}: ${asked.lastFetchedEpoch} was read, ${asked.currentLeaderEpoch} leads`),
          ),
        ),
      );
      const answers = fetching(cluster).pipe(filter((line) => line.startsWith('answer')));
      const { live } = telling(kit, 900, merge(epochs, answers, cluster.sent('OffsetForLeaderEpoch')), [
        'fetch 0: -1 was read, 7 leads',
        ...['answer orders/0: 0..4 at b2', 'batch 0, of epoch 5'],
        'fetch 5: 5 was read, 7 leads',
        ...['answer orders/0: 5..9 at b2', 'batch 5, of epoch 5'],
        'fetch 10: 5 was read, 7 leads',
        ...['answer orders/0: 10..14 at b2', 'batch 10, of epoch 7'],
        'fetch 15: 7 was read, 7 leads',
      ]);
      const fetch = { minBytes: 1, maxWait: 5_000, maxBytes: 1e6, maxPartitionBytes: 1 }; // one batch an answer
      const work = consume({ fetch }).pipe(
        mergeMap((stream) => stream.batches.pipe(ackEach())),
        map((batch) => `batch ${batch.firstOffset}, of epoch ${batch.at(0).leaderEpoch}`),
      );
      live(work, '900ms !');
    }, 2),
  );
});
