import { filter, map, merge, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { OffsetForLeaderEpochRequest } from '../../../src/protocol/apis/offsetForLeaderEpoch.ts';
import { marble, offsets } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// OLE(e3)->retriable | M{e4} | OLE must carry e4 ; M{leader b2, epoch -1} ; M{leader b2, same epoch}

describe('librdkafka-epoch-validation-quartet', () => {
  test(
    'the leader changes again while it is asked where the last epoch ended: it is asked anew, of the leader that there is then and in its epoch, once',
    marble(
      (kit) => {
        const { cluster, consume, play } = kit;
        cluster.topic('orders', 1, 2, { replicationFactor: 2 });
        const questions = cluster.traffic.pipe(
          filter(({ api, kind }) => api === 'OffsetForLeaderEpoch' && kind === 'request'),
          mergeMap(({ node, message }) =>
            (message as OffsetForLeaderEpochRequest).topics.flatMap(({ partitions }) =>
              partitions.map((asked) => `b${node} is asked for the end of ${asked.leaderEpoch}, in epoch ${asked.currentLeaderEpoch}`),
            ),
          ),
        );
        const { live, say } = telling(kit, 10_000, merge(fetching(cluster), questions), [
          ...['fetch orders/0@0 at b1', 'answer orders/0: 0..1 at b1', 'record 0', 'record 1', 'fetch orders/0@2 at b1'],
          'the leader changes',
          'answer orders/0: FENCED_LEADER_EPOCH at b1',
          'fetch orders/0@2 at b2',
          'b2 is asked for the end of 0, in epoch 1',
          'the leader changes back',
          ...['fetch orders/0@2 at b1', 'answer orders/0: 2..2 at b1'], // not taken in before it is known to be of the same log
          'b1 is asked for the end of 0, in epoch 2',
          ...['fetch orders/0@2 at b1', 'answer orders/0: 2..2 at b1', 'record 2', 'fetch orders/0@3 at b1'],
        ]);
        cluster.inject({
          api: 'OffsetForLeaderEpoch',
          node: 2,
          kind: 'error',
          error: 'NOT_LEADER_OR_FOLLOWER',
          topic: 'orders',
          partition: 0,
        });
        const work = consume().pipe(
          mergeMap((stream) => stream.pipe(ackEach())),
          offsets(),
          map((offset) => `record ${offset}`),
        );
        live(work, '10s !');
        cluster
          .sent('OffsetForLeaderEpoch')
          .pipe(filter((line) => line.endsWith('b2')))
          .subscribe(() => {
            say('the leader changes back');
            cluster.move('orders', 0, 1);
            cluster.append('orders', 0, 1);
          });
        play('500ms x', {
          x: () => {
            say('the leader changes');
            cluster.move('orders', 0, 2);
          },
        });
      },
      { brokers: 2, kafka: '2.1' },
    ),
  );

  test.each([
    ['no epoch is told', -1],
    ['its epoch is the old one', 3],
  ])('another leader is another leader, also where %s: the fetch moves to it', (_, leaderEpoch) => {
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 0, { replicationFactor: 2 });
      const partition = cluster.partition('orders', 0);
      partition.leaderEpoch = leaderEpoch;
      cluster.append('orders', 0, 2);
      const { live, say } = telling(kit, 5_000, fetching(cluster), [
        ...['fetch orders/0@0 at b1', 'answer orders/0: 0..1 at b1', 'record 0', 'record 1', 'fetch orders/0@2 at b1'],
        'the leader is another one',
        'fetch orders/0@2 at b2',
        ...['answer orders/0: 2..2 at b2', 'record 2', 'fetch orders/0@3 at b2'],
      ]);
      const work = consume({ metadataMaxAge: 1_000 }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        offsets(),
        map((offset) => `record ${offset}`),
      );
      live(work, '5s !');
      play('500ms x 1s w', {
        x: () => {
          say('the leader is another one');
          partition.leader = 2;
          cluster.model.changed();
        },
        w: () => cluster.append('orders', 0, 1),
      });
    }, 2)();
  });
});
