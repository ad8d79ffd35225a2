import { EMPTY, tap, timer, type Unsubscribable } from 'rxjs';
import { describe, test } from 'vitest';
import { processRecords } from '../../../operators/index.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import { marble } from '../../support/scripted/index.ts';
import { telling } from '../telling.ts';

// H(0): pause(p0), ✗ | expect no H until resume

describe('kafkajs-paused-after-throw-reprocesses', () => {
  test(
    'a handler that pauses its partition and fails is not called again before the pause is over, however early the restart is',
    marble((kit) => {
      const { scheduler, cluster, consume, play } = kit;
      cluster.topic('orders', 1, 3);
      const { live, say } = telling(kit, 6_000, EMPTY, [
        'handles 0, attempt 1',
        'pauses and fails',
        'restarts',
        'resume',
        'handles 0, attempt 2',
        ...['handles 1, attempt 1', 'handles 2, attempt 1'],
      ]);
      let stream: PartitionStream | undefined;
      let pause: Unsubscribable | undefined;
      const work = consume().pipe(
        tap((each) => {
          stream = each;
        }),
        processRecords(
          ({ offset }, { attempt }) => {
            say(`handles ${offset}, attempt ${attempt}`);
            if (offset !== 0 || attempt > 1) return;
            say('pauses and fails');
            pause = stream?.pause();
            throw new Error('no');
          },
          {
            restart: () => {
              say('restarts');
              return timer(10, scheduler);
            },
          },
        ),
      );
      live(work, '6s !');
      play('5s r', {
        r: () => {
          say('resume');
          pause?.unsubscribe();
        },
      });
    }),
  );
});
