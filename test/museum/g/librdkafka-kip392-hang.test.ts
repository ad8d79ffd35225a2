import { map, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { asMember, marble, offsets } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// F(b2)->none (hw stuck 100) …; LO(b1)->500

describe('librdkafka-kip392-hang', () => {
  test(
    'a follower that stops copying is left at the end of its lease: the leader has what comes next',
    marble(
      (kit) => {
        const { cluster, consume, play } = kit;
        cluster.topic('orders', 1, 2, { replicationFactor: 2 });
        const { live, say } = telling(kit, 5_000, fetching(cluster), [
          ...['fetch orders/0@0 at b1', 'answer orders/0: read from b2 at b1'],
          ...['fetch orders/0@0 at b2', 'answer orders/0: 0..1 at b2', 'record 0', 'record 1', 'fetch orders/0@2 at b2'],
          'b2 copies no more, and two records are written',
          ...['fetch orders/0@2 at b1', 'answer orders/0: 2..3 at b1', 'record 2', 'record 3'],
          'fetch orders/0@4 at b1',
        ]);
        const work = consume({ mode: asMember({ rackId: 'east' }), metadataMaxAge: 1_000 }).pipe(
          mergeMap((stream) => stream.pipe(ackEach())),
          offsets(),
          map((offset) => `record ${offset}`),
        );
        live(work, '5s !');
        play('500ms x', {
          x: () => {
            say('b2 copies no more, and two records are written');
            cluster.apply({ kind: 'lag', topic: 'orders', partition: 0, node: 2 });
            cluster.append('orders', 0, 2);
          },
        });
      },
      { brokers: ['west', 'east'], settings: { rackAware: true } },
    ),
  );

  test(
    'a leader that names it again and again all the same (KAFKA-14372) is asked itself: nobody is capped for ever by what a follower has',
    marble(
      (kit) => {
        const { cluster, consume, play } = kit;
        cluster.topic('orders', 1, 2, { replicationFactor: 2 });
        const records = ['record 0', 'record 1', 'b2 copies no more, and two records are written', 'record 2', 'record 3'];
        const { live, say } = telling(kit, 10_000, fetching(cluster).pipe(mergeMap(() => [])), records);
        const work = consume({ mode: asMember({ rackId: 'east' }), metadataMaxAge: 1_000 }).pipe(
          mergeMap((stream) => stream.pipe(ackEach())),
          offsets(),
          map((offset) => `record ${offset}`),
        );
        live(work, '2900ms !');
        play('500ms x', {
          x: () => {
            say('b2 copies no more, and two records are written');
            cluster.apply({ kind: 'lag', topic: 'orders', partition: 0, node: 2 });
            // The leader takes it for one that is in sync.
            Object.assign(cluster.partition('orders', 0).lagging, { has: () => false });
            cluster.append('orders', 0, 2);
          },
        });
      },
      { brokers: ['west', 'east'], settings: { rackAware: true } },
    ),
  );
});
