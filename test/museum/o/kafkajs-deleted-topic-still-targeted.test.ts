import { distinct, filter, map, mergeMap, scan } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { refusals, telling } from '../telling.ts';
import { asMember, marble } from '../../support/scripted/index.ts';

// M(t1,t2)->t2:E:UNKNOWN_TOPIC

describe('kafkajs-deleted-topic-still-targeted', () => {
  test(
    'a topic that is deleted takes nothing away from the other one: that is read on, and its leader is followed',
    marble((kit) => {
      const { cluster, consume, play, expectObservable } = kit;
      cluster.topic('orders', 1, 1).topic('bills', 1, 1);
      const { live, say } = telling(kit, 20_000, refusals(cluster, 'Metadata').pipe(distinct()), [
        ...['bills-0@0', 'orders-0@0'],
        'bills is deleted',
        'Metadata UNKNOWN_TOPIC_OR_PARTITION',
        'orders-0 is led by another broker',
        'orders-0@1',
      ]);
      // It is looked for, though not in a loop.
      const asked = cluster.sent('Metadata').pipe(
        scan((times) => times + 1, 0),
        filter((times) => times > 25),
      );
      expectObservable(asked, '20s !').toBe('');
      const mode = asMember({ topics: ['orders', 'bills'] });
      const work = consume({ mode, metadataMaxAge: 4_000 }).pipe(
        mergeMap((stream) =>
          stream.pipe(
            ackEach(),
            map(({ offset }) => `${stream.key}@${offset}`),
          ),
        ),
      );
      live(work, '19s !');
      play('1s d 9s w', {
        d: () => {
          say('bills is deleted');
          cluster.apply({ kind: 'deleteTopic', topic: 'bills' });
        },
        w: () => {
          say('orders-0 is led by another broker');
          cluster.move('orders', 0, 2);
          cluster.append('orders', 0, 1);
        },
      });
    }, 2),
  );
});
