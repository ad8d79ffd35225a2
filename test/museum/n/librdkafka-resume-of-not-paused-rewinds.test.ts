import { map, mergeMap, tap, type Unsubscribable } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import { marble } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// F->ok[0..99] delivered | U:resume(p0) | expect F(@100)

describe('librdkafka-resume-of-not-paused-rewinds', () => {
  test(
    'a pause that ended ends no second time: nothing is fetched again, and the pause of somebody else goes on',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 3);
      const { live, say } = telling(kit, 3_000, fetching(cluster), [
        ...['fetch orders/0@0', 'answer orders/0: 0..2', '0', '1', '2', 'fetch orders/0@3'],
        'resumed twice, at 3',
        ...['answer orders/0: 3..4', '3', '4', 'fetch orders/0@5'],
        'another pause; the old one is ended again',
        ...['answer orders/0: 5..6', 'fetch orders/0@7'],
        'the other pause ends',
        ...['5', '6'],
      ]);
      let stream: PartitionStream | undefined;
      let old: Unsubscribable | undefined;
      let other: Unsubscribable | undefined;
      const work = consume().pipe(
        tap((each) => {
          stream = each;
        }),
        mergeMap((each) => each.pipe(ackEach())),
        map(({ offset }) => `${offset}`),
      );
      live(work, '3s !');
      play('100ms a 400ms w 499ms b 400ms w 599ms c', {
        a: () => {
          old = stream?.pause();
          old?.unsubscribe();
          old?.unsubscribe();
          say(`resumed twice, at ${stream?.position}`);
        },
        b: () => {
          other = stream?.pause();
          old?.unsubscribe();
          say('another pause; the old one is ended again');
        },
        c: () => {
          say('the other pause ends');
          other?.unsubscribe();
        },
        w: () => cluster.append('orders', 0, 2),
      });
    }),
  );
});
