import { filter, ignoreElements, mergeMap, tap, type Unsubscribable } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import { marble, ofPartitions } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// F->ok(p0[0..499]) U:pause(p0) | poll×10 | U:resume(p0) | expect no second F(p0@0)

describe('java-paused-partitions-data-discarded', () => {
  test(
    'what a paused partition has in its buffer stays there while its neighbour is polled: no byte of it is fetched again',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 2, 0);
      cluster.append('orders', 0, 500);
      const { live, say } = telling(kit, 7_000, fetching(cluster).pipe(filter((line) => !line.startsWith('fetch orders/1'))), [
        'pause',
        ...['fetch orders/0@0', 'answer orders/0: 0..499'],
        'fetch orders/0@500',
        ...Array.from({ length: 10 }, (_, index) => `answer orders/1: ${index}..${index}`),
        'resume, at 0',
        'of orders-0: 500 records',
      ]);
      let stream: PartitionStream | undefined;
      let pause: Unsubscribable | undefined;
      let count = 0;
      const work = consume({ mode: ofPartitions(2) }).pipe(
        tap((each) => {
          if (each.partition !== 0) return;
          stream = each;
          pause = each.pause();
          say('pause');
        }),
        mergeMap((each) => each.pipe(ackEach())),
        filter(({ partition }) => partition === 0),
        tap(() => count++),
        ignoreElements(),
      );
      live(work, '7s !');
      play('500ms w 499ms w 499ms w 499ms w 499ms w 499ms w 499ms w 499ms w 499ms w 499ms w 499ms r e', {
        w: () => cluster.append('orders', 1, 1),
        r: () => {
          say(`resume, at ${stream?.position}`);
          pause?.unsubscribe();
        },
        e: () => say(`of orders-0: ${count} records`),
      });
    }),
  );
});
