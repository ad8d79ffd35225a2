import { ignoreElements, map, merge, mergeMap } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { asMember, codeOf, marble, NEVER_ANSWERED } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// FindCoordinator->RST handled by the heartbeat's path while that of the commit waits for the same look-up

test(
  'java-failed-coordinator-lookup-cached: a look-up that failed is forgotten: who comes next looks again',
  marble(({ scheduler, cluster, consume, told, expectObservable }) => {
    cluster.topic('orders', 1, 1);
    const failed = merge(
      told('retryScheduled').pipe(map(({ api, error }) => `${api}: ${String(codeOf(error))}`)),
      told('commitFailed').pipe(map(({ error }) => `commit: ${String(codeOf(error))}`)),
    );
    story(scheduler, merge(failed, cluster.sent('FindCoordinator', 'Heartbeat', 'OffsetCommit', 'JoinGroup')), 1_000, [
      'findCoordinator',
      'join',
      'join m-1',
      'commit orders/0=0 in 1',
      'heartbeat m-1 in 1',
      'Heartbeat: NOT_COORDINATOR',
      'findCoordinator',
      'findCoordinator',
      'commit: BROKERS_UNREACHABLE',
      'Heartbeat: BROKERS_UNREACHABLE',
      'findCoordinator',
      'heartbeat m-1 in 1',
      'commit orders/0=1 in 1',
      'heartbeat m-1 in 1',
      'heartbeat m-1 in 1',
      'heartbeat m-1 in 1',
      'heartbeat m-1 in 1',
      'heartbeat m-1 in 1',
      'heartbeat m-1 in 1',
      'heartbeat m-1 in 1',
    ]);
    const mode = asMember({ assignors: [range], heartbeatInterval: 50 });
    expectObservable(
      consume({ mode, requestTimeout: 200, commit: { interval: 80, records: Infinity } }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        ignoreElements(),
      ),
      '1s !',
    ).toBe('');
    scheduler.schedule(() => {
      cluster.fail('Heartbeat', 'NOT_COORDINATOR');
      cluster.fail('FindCoordinator', NEVER_ANSWERED, { times: 2 });
    }, 30);
  }),
);
