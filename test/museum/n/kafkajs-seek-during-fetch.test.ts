import { map, merge, mergeMap, tap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import { marble } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// F(@100) in flight | U:seek(5) | F->ok[100..109] | expect drop; F(@5)

describe('kafkajs-seek-during-fetch', () => {
  test(
    'what was asked for before a seek and comes after it is dropped: the next record is the one that was sought',
    marble((kit) => {
      const { cluster, consume, play, told } = kit;
      cluster.topic('orders', 1, 100).append('orders', 0, 10);
      cluster.fail('Fetch', { delay: 50 });
      const positioned = told('positioned').pipe(map(({ to, reason }) => `positioned at ${to}: ${reason}`));
      const { live, say } = telling(kit, 300, merge(fetching(cluster), positioned), [
        'positioned at 100: start',
        'fetch orders/0@100',
        'seek to 5',
        'positioned at 5: seek',
        'answer orders/0: 100..109',
        'fetch orders/0@5',
        'answer orders/0: 0..109',
        ...['5', '6', '7', '8'],
        'fetch orders/0@110',
      ]);
      let stream: PartitionStream | undefined;
      const work = consume({ startFrom: { offset: 100 }, window: { records: 4, bytes: 1e6 } }).pipe(
        tap((each) => {
          stream = each;
        }),
        mergeMap((each) => each),
        map(({ offset }) => `${offset}`),
      );
      live(work, '300ms !');
      play('20ms s', {
        s: () => {
          say('seek to 5');
          stream?.seek({ offset: 5 });
        },
      });
    }),
  );

  test(
    'a seek to the end of the log, from inside of the handler: nothing of what is buffered follows',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 10);
      const { live, say } = telling(kit, 300, cluster.sent('ListOffsets'), [
        ...['0', '1', '2'],
        'seek to the end',
        'listOffsets orders/0@latest',
        ...['10', '11'],
      ]);
      const work = consume().pipe(
        mergeMap((stream) =>
          stream.pipe(
            tap(({ offset }) => {
              say(`${offset}`);
              if (offset !== 2) return;
              say('seek to the end');
              stream.seek('latest');
            }),
            ackEach(),
            mergeMap(() => []),
          ),
        ),
      );
      live(work, '300ms !');
      play('200ms w', { w: () => cluster.append('orders', 0, 2) });
    }),
  );
});
