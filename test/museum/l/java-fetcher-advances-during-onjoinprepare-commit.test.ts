import { map, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { telling } from '../telling.ts';
import { asMember, marble } from '../../support/scripted/index.ts';

// HB->REBALANCE | OC(p0=2)->pending, deliver 2..3 | OC->ok | A{}#2

describe('java-fetcher-advances-during-onjoinprepare-commit', () => {
  test(
    'once the last commit of an assignment is made nothing more is delivered of it',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 2);
      cluster.inject({ api: 'OffsetCommit', kind: 'latency', delay: 30, after: 1 });
      const { live, say } = telling(kit, 300, cluster.sent('OffsetCommit', 'SyncGroup'), [
        'sync m-1 in 1',
        'commit orders/0=0 in 1',
        ...['orders-0@0 in epoch 1', 'orders-0@1 in epoch 1'],
        'commit orders/0=2 in 1',
        'two more are written',
        'sync m-1 in 2',
        ...['orders-0@2 in epoch 2', 'orders-0@3 in epoch 2'],
        'commit orders/0=4 in 2',
      ]);
      const work = consume({ mode: asMember({ assignors: [range], heartbeatInterval: 20 }) }).pipe(
        mergeMap((stream) =>
          stream.pipe(
            ackEach(),
            map(({ offset }) => `${stream.key}@${offset} in epoch ${stream.assignmentEpoch}`),
          ),
        ),
      );
      live(work, '200ms !');
      // The heartbeat at 27 tells of the rebalance, and the commit is sent; its answer comes at 58.
      play('20ms r 19ms w', {
        r: () => cluster.apply({ kind: 'rebalance' }),
        w: () => {
          say('two more are written');
          cluster.append('orders', 0, 2);
        },
      });
    }),
  );
});
