import { ignoreElements, map, merge, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { refusals, telling } from '../telling.ts';
import { asMember, marble } from '../../support/scripted/index.ts';

// topic deleted | HB->REBALANCE | OC->E:UNKNOWN_TOPIC_OR_PARTITION ×∞

const topics = ['orders', 'bills'];

describe('java-onjoinprepare-commit-stuck', () => {
  test(
    'a commit that is refused again and again holds the join up no longer than the coordinator waits for it',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 2).topic('bills', 1, 1);
      cluster.inject({ api: 'OffsetCommit', topic: 'orders', after: 1, times: 999, kind: 'error', error: 'UNKNOWN_TOPIC_OR_PARTITION' });
      const refused = ['commit orders/0=2 in 1', 'OffsetCommit UNKNOWN_TOPIC_OR_PARTITION'];
      const { live, say } = telling(kit, 2_700, merge(cluster.sent('OffsetCommit', 'SyncGroup'), refusals(cluster, 'OffsetCommit')), [
        'sync m-1 in 1',
        ...['commit bills/0=0 in 1', 'commit orders/0=0 in 1'],
        ...['bills-0@0', 'orders-0@0', 'orders-0@1'],
        ...['commit bills/0=1 orders/0=2 in 1', 'OffsetCommit UNKNOWN_TOPIC_OR_PARTITION'],
        ...[...refused, ...refused, ...refused, ...refused],
        'sync m-1 in 2',
        ...['orders-0@0', 'orders-0@1'],
        'the coordinator waits no longer',
      ]);
      const mode = asMember({ assignors: [range], topics, heartbeatInterval: 20, rebalanceTimeout: 2_500 });
      live(
        consume({ mode }).pipe(
          mergeMap((stream) =>
            stream.pipe(
              ackEach(),
              map(({ offset }) => `${stream.key}@${offset}`),
            ),
          ),
        ),
        '3s !',
      );
      play('20ms r 2579ms t', { r: () => cluster.apply({ kind: 'rebalance' }), t: () => say('the coordinator waits no longer') });
    }),
  );

  test(
    'a topic that is gone has nothing to commit: the join waits for no answer about it',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 2).topic('bills', 1, 1);
      const { live, say } = telling(kit, 1_000, cluster.sent('SyncGroup'), ['sync m-1 in 1', 'orders is deleted', 'sync m-1 in 2']);
      const mode = asMember({ assignors: [range], topics, heartbeatInterval: 20 });
      live(
        consume({ mode }).pipe(
          mergeMap((stream) => stream.pipe(ackEach())),
          ignoreElements(),
        ),
        '1s !',
      );
      play('20ms r', {
        r: () => {
          say('orders is deleted');
          cluster.apply({ kind: 'deleteTopic', topic: 'orders' }).apply({ kind: 'rebalance' });
        },
      });
    }),
  );
});
