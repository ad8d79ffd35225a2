import { map, merge, mergeMap, tap, type Unsubscribable } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// U:seek(5) U:pause U:resume | F(@5) ; A{p0} OF->50 U:pause U:resume | F(@50)

describe('librdkafka-seek-pause-resume-forgets', () => {
  test(
    'a pause after a seek, before anything of it was fetched, leaves the position where it was sought',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 10);
      const { live, say } = telling(kit, 1_000, fetching(cluster), [
        ...['fetch orders/0@0', 'answer orders/0: 0..9'],
        ...['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
        'fetch orders/0@10',
        'seek to 5, and pause',
        ...['fetch orders/0@5', 'answer orders/0: 0..9', 'fetch orders/0@10'],
        'resume, at 5',
        ...['5', '6', '7', '8', '9'],
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
      live(work, '1s !');
      play('20ms s 800ms r', {
        s: () => {
          say('seek to 5, and pause');
          stream?.seek({ offset: 5 });
          pause = stream?.pause();
        },
        r: () => {
          say(`resume, at ${stream?.position}`);
          pause?.unsubscribe();
        },
      });
    }),
  );

  test(
    'a pause while the committed offset is looked up: it is found all the same, and neither start nor reset policy has a say',
    marble((kit) => {
      const { cluster, consume, told } = kit;
      cluster.topic('orders', 1, 100).apply({ kind: 'commit', groupId: 'g', topic: 'orders', partition: 0, offset: 50 });
      cluster.fail('OffsetFetch', { delay: 100 });
      const positioned = told('positioned').pipe(map(({ to, reason }) => `positioned at ${to}: ${reason}`));
      const { live, say } = telling(kit, 1_000, merge(fetching(cluster), cluster.sent('OffsetFetch', 'ListOffsets'), positioned), [
        'offsetFetch orders/0',
        'pause and resume, at undefined',
        'positioned at 50: committed',
        ...['fetch orders/0@50', 'answer orders/0: 0..99'],
        '50',
        'fetch orders/0@100',
      ]);
      const work = consume({ mode: asMember(), startFrom: 'latest', autoOffsetReset: 'latest' }).pipe(
        mergeMap((stream) => {
          kit.scheduler.schedule(() => {
            stream.pause().unsubscribe();
            say(`pause and resume, at ${stream.position}`);
          }, 20);
          return stream;
        }),
        map(({ offset }) => `${offset}`),
      );
      live(work.pipe(mergeMap((line, index) => (index === 0 ? [line] : []))), '1s !');
    }),
  );
});
