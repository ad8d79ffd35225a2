import { map, mergeMap, tap, type Unsubscribable } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import { marble } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// F in flight | U:pause(p0) | F->ok[0..9] | no delivery | U:resume | exactly 0..9 once

describe('pause-during-fetch-still-delivers', () => {
  test(
    'a paused partition delivers nothing, not even what was on its way; then each record once, without another fetch of it',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 10);
      cluster.fail('Fetch', { delay: 50 });
      const { live, say } = telling(kit, 6_000, fetching(cluster), [
        'fetch orders/0@0',
        'pause',
        'answer orders/0: 0..9',
        'fetch orders/0@10',
        'resume',
        ...['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
      ]);
      let stream: PartitionStream | undefined;
      let pause: Unsubscribable | undefined;
      const work = consume().pipe(
        tap((each) => {
          stream = each;
        }),
        mergeMap((each) => each.pipe(ackEach())),
        map(({ offset }) => `${offset}`),
      );
      live(work, '6s !');
      play('20ms p 5s r', {
        p: () => {
          say('pause');
          pause = stream?.pause();
        },
        r: () => {
          say('resume');
          pause?.unsubscribe();
        },
      });
    }),
  );
});
