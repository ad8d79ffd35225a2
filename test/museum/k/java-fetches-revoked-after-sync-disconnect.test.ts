import { ignoreElements, mergeMap } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { asMember, marble, RESET } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// revoke callback ran | S->RST | expect no F until S ok

test(
  'java-fetches-revoked-after-sync-disconnect: what was given up is not fetched before there is an assignment',
  marble(({ scheduler, cluster, consume, expectObservable }) => {
    cluster.topic('orders', 1, 1);
    story(scheduler, cluster.sent('JoinGroup', 'SyncGroup', 'Fetch'), 1_000, [
      'join',
      'join m-1',
      'sync m-1 in 1',
      'fetch orders/0@0',
      'fetch orders/0@1',
      'join m-1',
      'sync m-1 in 2',
      'join m-1',
      'sync m-1 in 2',
      'join m-1',
      'sync m-1 in 2',
      'fetch orders/0@1',
    ]);
    expectObservable(
      consume({ mode: asMember({ assignors: [range], heartbeatInterval: 10 }) }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        ignoreElements(),
      ),
      '1s !',
    ).toBe('');
    scheduler.schedule(() => {
      cluster.fail('SyncGroup', RESET, { times: 2 });
      cluster.apply({ kind: 'rebalance' });
    }, 20);
  }),
);
