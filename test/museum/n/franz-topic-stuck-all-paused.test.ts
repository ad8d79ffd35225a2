import { EMPTY, map, mergeMap, type Unsubscribable } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { marble, ofPartitions } from '../../support/scripted/index.ts';
import { telling } from '../telling.ts';

// U:pause(t) U:pause(t,p1) U:resume(t) | F(p0) yes, F(p1) no

describe('franz-topic-stuck-all-paused', () => {
  test(
    'a topic is paused by pauses of its partitions: when they end, those go on that nobody else holds',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 2, 1);
      const { live, say } = telling(kit, 1_000, EMPTY, [
        'all are paused, and orders-1 by somebody else as well',
        'the topic goes on',
        'orders-0@0',
        'records are written',
        'orders-0@1',
        'orders-1 goes on',
        ...['orders-1@0', 'orders-1@1'],
      ]);
      const ofTopic: Unsubscribable[] = [];
      let ofOne: Unsubscribable | undefined;
      const work = consume({ mode: ofPartitions(2) }).pipe(
        mergeMap((stream) => {
          ofTopic.push(stream.pause());
          if (stream.partition === 1) {
            ofOne = stream.pause();
            say('all are paused, and orders-1 by somebody else as well');
          }
          return stream.pipe(ackEach());
        }),
        map(({ partition, offset }) => `orders-${partition}@${offset}`),
      );
      live(work, '1s !');
      play('200ms t 199ms w 199ms o', {
        t: () => {
          say('the topic goes on');
          for (const pause of ofTopic) pause.unsubscribe();
        },
        w: () => {
          say('records are written');
          cluster.append('orders', 0, 1).append('orders', 1, 1);
        },
        o: () => {
          say('orders-1 goes on');
          ofOne?.unsubscribe();
        },
      });
    }),
  );
});
