import { filter, map, merge, mergeMap, tap } from 'rxjs';
import { describe, test } from 'vitest';
import { cooperativeSticky } from '../../../src/group/assignors/cooperativeSticky.ts';
import type { KafkaRecord } from '../../../src/model/record.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// A{p0,p1} U:pause(p0) position(p1)=10 uncommitted | update positions

describe('java-paused-partition-position-reset', () => {
  test(
    'when the position of a new partition is looked up, beside one that is paused, those of the others stay: nothing is delivered again',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 2, 0);
      for (let records = 0; records < 10; records++) cluster.append('orders', 1, 1);
      const lines = merge(fetching(cluster).pipe(filter((line) => line.includes('orders/1'))), cluster.sent('OffsetFetch', 'OffsetCommit'));
      const { live, say } = telling(kit, 4_000, lines, [
        'orders-0 is paused',
        'offsetFetch orders/0 orders/1',
        ...['commit orders/0=0 in 1', 'commit orders/1=0 in 1'],
        ...['fetch orders/1@0', 'answer orders/1: 0..9'],
        ...Array.from({ length: 10 }, (_, offset) => `orders-1@${offset}`),
        'fetch orders/1@10',
        'a partition is added',
        'offsetFetch orders/2',
        'commit orders/2=0 in 2',
        'records are written',
        ...['answer orders/1: 10..10', 'orders-1@10', 'fetch orders/1@11'],
        'orders-2@0',
      ]);
      const taken: KafkaRecord[] = [];
      const work = consume({
        mode: asMember({ assignors: [cooperativeSticky] }),
        metadataMaxAge: 1_000,
        commit: { interval: 60_000, records: Infinity },
      }).pipe(
        mergeMap((stream) => {
          if (stream.partition === 0) {
            stream.pause();
            say('orders-0 is paused');
          }
          return stream;
        }),
        tap((record) => taken.push(record)), // none is acked: nothing is committed
        map(({ partition, offset }) => `orders-${partition}@${offset}`),
      );
      live(work, '4s !');
      play('500ms p 2s w 499ms x', {
        p: () => {
          say('a partition is added');
          cluster.apply({ kind: 'addPartitions', topic: 'orders', partitions: 3 });
        },
        w: () => {
          say('records are written');
          cluster.append('orders', 0, 1).append('orders', 1, 1);
        },
        x: () => cluster.append('orders', 2, 1),
      });
    }),
  );
});
