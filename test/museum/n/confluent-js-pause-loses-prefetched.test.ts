import { filter, ignoreElements, map, merge, tap, timer, type Unsubscribable } from 'rxjs';
import { describe, test } from 'vitest';
import { processBatches } from '../../../operators/index.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// F->ok[0..99] batches of 10; H(0..9)✓ U:pause; resume | expect 10

describe('confluent-js-pause-loses-prefetched', () => {
  test(
    'what was fetched before a pause is delivered after it, no commit covers it meanwhile, and the end is not held up',
    marble((kit) => {
      const { scheduler, cluster, consume, play } = kit;
      cluster.topic('orders', 1, 10);
      for (let batch = 1; batch < 10; batch++) cluster.append('orders', 0, 10);
      const traffic = merge(fetching(cluster), cluster.sent('OffsetCommit', 'LeaveGroup'));
      const { live, say } = telling(kit, 7_000, traffic.pipe(filter((line) => line !== 'fetch orders/0@100')), [
        'commit orders/0=0 in 1',
        'fetch orders/0@0',
        'answer orders/0: 0..99',
        'handles 0..9',
        'pause',
        'commit orders/0=10 in 1',
        'resume',
        ...['handles 10..19', 'handles 20..29'],
        'pause',
        'commit orders/0=30 in 1',
        'leave m-1',
      ]);
      let stream: PartitionStream | undefined;
      let pause: Unsubscribable | undefined;
      const hold = (): void => {
        say('pause');
        pause = stream?.pause();
      };
      const work = consume({ mode: asMember(), commit: { interval: 3_000, records: Infinity } }).pipe(
        tap((each) => {
          stream = each;
        }),
        processBatches((batch) => {
          say(`handles ${batch.firstOffset}..${batch.lastOffset}`);
          return timer(100, scheduler).pipe(
            tap(() => {
              if (batch.firstOffset === 0 || batch.firstOffset === 20) hold();
            }),
            map(() => undefined),
          );
        }),
        ignoreElements(),
      );
      live(work, '6500ms !');
      play('5s r', {
        r: () => {
          say('resume');
          pause?.unsubscribe();
        },
      });
    }),
  );
});
