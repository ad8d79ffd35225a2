import { ignoreElements, mergeMap, type Observable } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { telling } from '../telling.ts';
import { asMember, marble } from '../../support/scripted/index.ts';

// HB->REBALANCE, J in flight | unsubscribe

describe('node-rdkafka-disconnect-hangs-in-rebalance', () => {
  test(
    'an unsubscription while the join is parked: the member leaves at once, and the group does not wait for it',
    marble(
      (kit) => {
        const { cluster, consume, play } = kit;
        cluster.topic('orders', 2, 1);
        const { live, say } = telling(kit, 3_000, cluster.sent('JoinGroup', 'LeaveGroup', 'SyncGroup'), [
          ...['join', 'join m-1', 'sync m-1 in 1'],
          ...['join', 'join m-2', 'join m-1', 'sync m-1 in 2', 'sync m-2 in 2'],
          'rebalance',
          'join m-1',
          'leave m-1',
          ...['join m-2', 'sync m-2 in 3'],
          'leave m-2',
        ]);
        const work = (heartbeatInterval: number): Observable<never> =>
          consume({ mode: asMember({ assignors: [range], heartbeatInterval }) }, {}).pipe(
            mergeMap((stream) => stream.pipe(ackEach(), ignoreElements())),
          );
        live(work(20), '500ms !');
        // The other one hears of the rebalance a second later: until then the join of the first is parked.
        live(work(1_000), '100ms ^ 2s !');
        play('400ms r', {
          r: () => {
            say('rebalance');
            cluster.apply({ kind: 'rebalance' });
          },
        });
      },
      1,
      0,
    ),
  );

  test(
    'a graceful stop while the join is parked: it waits for no assignment, and completes',
    marble((kit) => {
      const { cluster, consume, play, hot } = kit;
      cluster.topic('orders', 2, 1);
      const { live, say } = telling(kit, 700, cluster.sent('JoinGroup', 'LeaveGroup', 'SyncGroup'), [
        ...['join', 'join m-1', 'sync m-1 in 1'],
        ...['join', 'join m-2', 'join m-1', 'sync m-1 in 2', 'sync m-2 in 2'],
        'rebalance',
        'join m-1',
        'leave m-1',
        'completed',
      ]);
      const work = (heartbeatInterval: number, until?: Observable<unknown>): Observable<never> =>
        consume({ mode: asMember({ assignors: [range], heartbeatInterval }), ...(until && { until }) }, {}).pipe(
          mergeMap((stream) => stream.pipe(ackEach(), ignoreElements())),
        );
      live(work(20, hot('500ms u')), '3s !');
      live(work(1_000), '100ms ^ 2s !');
      play('400ms r', {
        r: () => {
          say('rebalance');
          cluster.apply({ kind: 'rebalance' });
        },
      });
    }),
  );
});
