import { filter, ignoreElements, map, merge, mergeMap, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { asMember, marble, type ScriptedCluster } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// J->ok | HB->E:UNKNOWN_MEMBER_ID, or leave, before S is answered | S->ok

const mode = asMember({ assignors: [range], heartbeatInterval: 10 });

test(
  'java-rejoin-races: the answer to a SyncGroup that comes when the membership is over assigns nothing',
  marble(({ scheduler, cluster, consume, told, expectObservable }) => {
    cluster.topic('orders', 1, 1);
    cluster.fail('SyncGroup', { delay: 30 });
    const assigned = told('assigned').pipe(map(({ generation }) => `assigned in ${String(generation)}`));
    story(scheduler, merge(assigned, answered(cluster), cluster.sent('JoinGroup', 'SyncGroup', 'Heartbeat', 'LeaveGroup')), 200, [
      'join',
      'join m-1',
      'sync m-1 in 1',
      '17 heartbeat m-1 in 1',
      '38 SyncGroup is answered',
      'join',
      'join m-2',
      'sync m-2 in 3',
      'SyncGroup is answered',
      'assigned in 3',
      'heartbeat m-2 in 3',
      'heartbeat m-2 in 3',
      'heartbeat m-2 in 3',
      'heartbeat m-2 in 3',
      'heartbeat m-2 in 3',
      'heartbeat m-2 in 3',
      'heartbeat m-2 in 3',
    ]);
    expectObservable(
      consume({ mode }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        ignoreElements(),
      ),
      '200ms !',
    ).toBe('');
    scheduler.schedule(() => cluster.apply({ kind: 'evict' }), 10);
  }),
);

test(
  'java-rejoin-races: a rebalance that begins while the SyncGroup is under way is joined as soon as there is an answer',
  marble(({ scheduler, cluster, consume, told, expectObservable }) => {
    cluster.topic('orders', 1, 1);
    cluster.fail('SyncGroup', { delay: 30 });
    const assigned = told('assigned').pipe(map(({ generation }) => `assigned in ${String(generation)}`));
    story(scheduler, merge(assigned, answered(cluster), cluster.sent('JoinGroup', 'SyncGroup', 'Heartbeat')), 60, [
      'join',
      'join m-1',
      '7 sync m-1 in 1',
      '17 heartbeat m-1 in 1',
      'heartbeat m-1 in 1',
      '38 SyncGroup is answered',
      '38 assigned in 1',
      'heartbeat m-1 in 1',
      'join m-1',
      'sync m-1 in 2',
      'SyncGroup is answered',
      'assigned in 2',
      'heartbeat m-1 in 2',
    ]);
    expectObservable(
      consume({ mode }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        ignoreElements(),
      ),
      '60ms !',
    ).toBe('');
    scheduler.schedule(() => cluster.apply({ kind: 'rebalance' }), 8);
  }),
);

test(
  'java-rejoin-races: who leaves while the SyncGroup is under way gets nothing of it',
  marble(({ scheduler, cluster, consume, told, expectObservable }) => {
    cluster.topic('orders', 1, 1);
    cluster.fail('SyncGroup', { delay: 30 });
    const assigned = told('assigned').pipe(map(({ generation }) => `assigned in ${String(generation)}`));
    story(scheduler, merge(assigned, answered(cluster), cluster.sent('JoinGroup', 'SyncGroup', 'Heartbeat', 'LeaveGroup', 'Fetch')), 200, [
      'join',
      'join m-1',
      'sync m-1 in 1',
      'leave m-1',
    ]);
    expectObservable(
      consume({ mode }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        ignoreElements(),
      ),
      '15ms !',
    ).toBe('');
  }),
);

/** When the answer to a SyncGroup goes out, which is on its way then. */
function answered({ traffic }: ScriptedCluster): Observable<string> {
  return traffic.pipe(
    filter(({ kind, api }) => kind === 'answer' && api === 'SyncGroup'),
    map(() => 'SyncGroup is answered'),
  );
}
