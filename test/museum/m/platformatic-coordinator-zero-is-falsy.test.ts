import { ignoreElements, mergeMap } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { range } from '../../../src/group/assignors/range.ts';
import type { Broker } from '../../../src/testing/model/clusterModel.ts';
import { asMember, marble, type ScriptedCluster } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// FindCoordinator->nodeId 0 (once) ; HB->E:NOT_COORDINATOR | expect FindCoordinator

test(
  'platformatic-coordinator-zero-is-falsy: broker 0 coordinates as any other, until it says that it does not',
  marble(({ scheduler, cluster, consume, expectObservable }) => {
    beginAtZero(cluster);
    cluster.topic('orders', 1, 1);
    story(scheduler, cluster.sent('FindCoordinator', 'JoinGroup', 'SyncGroup', 'Heartbeat', 'Fetch', 'OffsetCommit'), 250, [
      'findCoordinator at b2',
      'join at b0',
      'join m-1 at b0',
      'sync m-1 in 1 at b0',
      'commit orders/0=0 in 1 at b0',
      'fetch orders/0@0 at b0',
      'fetch orders/0@1 at b0',
      'heartbeat m-1 in 1 at b0',
      'findCoordinator at b0',
      'heartbeat m-1 in 1 at b0',
      'heartbeat m-1 in 1 at b0',
      'heartbeat m-1 in 1 at b0',
    ]);
    const mode = asMember({ assignors: [range], heartbeatInterval: 50 });
    expectObservable(
      consume({ mode }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        ignoreElements(),
      ),
      '250ms !',
    ).toBe('');
    scheduler.schedule(() => cluster.fail('Heartbeat', 'NOT_COORDINATOR'), 30);
  }, 2),
);

/** The first broker is 0, not 1. */
function beginAtZero({ model }: ScriptedCluster): void {
  const brokers = model.brokers as Map<number, Broker>;
  const [, ...others] = [...brokers.values()];
  const [first] = [...brokers.values()];
  if (first === undefined) return;
  brokers.clear();
  for (const broker of [{ ...first, id: 0, host: 'b0' }, ...others]) brokers.set(broker.id, broker);
  model.coordinator = 0;
}
