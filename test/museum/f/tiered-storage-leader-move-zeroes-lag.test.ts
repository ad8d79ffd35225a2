import { filter, map, merge, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import { marble, ofPartitions } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// as kafkajs-oor-silent-jump, LO(earliest)->0

describe('tiered-storage-leader-move-zeroes-lag', () => {
  test(
    'a partition that moves, and whose new leader does not find an old offset at once: with `latest` too the backlog is read, and its lag is true',
    marble((kit) => {
      const { cluster, consume, play, told } = kit;
      cluster.topic('orders', 1, 10, { replicationFactor: 2 });
      for (let batch = 1; batch < 10; batch++) cluster.append('orders', 0, 10);
      cluster.apply({ kind: 'commit', groupId: 'g', topic: 'orders', partition: 0, offset: 20 });
      cluster.inject({ api: 'Fetch', node: 2, topic: 'orders', partition: 0, kind: 'error', error: 'OFFSET_OUT_OF_RANGE', times: 2 });
      const positioned = told('positioned').pipe(map(({ to, reason }) => `positioned at ${to}: ${reason}`));
      const lines = merge(fetching(cluster), positioned).pipe(filter((line) => !/NOT_LEADER|FENCED/.test(line)));
      const { live, say } = telling(kit, 5_000, lines, [
        'positioned at 20: committed',
        ...['fetch orders/0@20 at b1', 'answer orders/0: 20..29 at b1'],
        'records 20..29, 70 behind',
        ...['the leader is another one', 'fetch orders/0@30 at b1'],
        ...['fetch orders/0@30 at b2', 'answer orders/0: OFFSET_OUT_OF_RANGE at b2'],
        ...['fetch orders/0@30 at b2', 'answer orders/0: OFFSET_OUT_OF_RANGE at b2'],
        ...['fetch orders/0@30 at b2', 'answer orders/0: 30..39 at b2'],
        'records 30..39, 60 behind',
      ]);
      const work = consume({
        mode: ofPartitions(1, 'g'),
        autoOffsetReset: 'latest',
        startFrom: undefined,
        maxBuffered: 1, // one batch at a time
      }).pipe(
        mergeMap((stream: PartitionStream) =>
          stream.batches.pipe(
            mergeMap((batch) => {
              say(`records ${batch.firstOffset}..${batch.lastOffset}, ${stream.lag} behind`);
              if (batch.firstOffset === 20) kit.scheduler.schedule(() => batch.ack(), 400);
              return [];
            }),
          ),
        ),
      );
      live(work, '5s !');
      play('200ms x', {
        x: () => {
          say('the leader is another one');
          cluster.move('orders', 0, 2);
        },
      });
    }, 2),
  );
});
