import { ignoreElements, map, merge, mergeMap } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// net down > sessionTimeout | HB->E:ILLEGAL_GENERATION | expect J(member kept, generation reset)

const mode = asMember({ assignors: [range], sessionTimeout: 200, heartbeatInterval: 50 });

test(
  'kafkajs-illegal-generation-terminal: it joins again with its id, is of the new generation, and reads on',
  marble(({ scheduler, cluster, consume, told, expectObservable }) => {
    cluster.topic('orders', 1, 1);
    const lost = told('lost').pipe(map(({ reason }) => `lost: ${String(reason)}`));
    story(scheduler, merge(lost, cluster.sent('JoinGroup', 'SyncGroup', 'Heartbeat', 'Fetch', 'OffsetCommit')), 400, [
      'join',
      'join m-1',
      'sync m-1 in 1',
      'commit orders/0=0 in 1',
      'fetch orders/0@0',
      'fetch orders/0@1',
      'heartbeat m-1 in 1',
      'lost: ILLEGAL_GENERATION',
      'join m-1',
      'sync m-1 in 2',
      'fetch orders/0@0',
      'fetch orders/0@2',
      'heartbeat m-1 in 2',
      'heartbeat m-1 in 2',
      'heartbeat m-1 in 2',
      'heartbeat m-1 in 2',
    ]);
    expectObservable(
      consume({ mode }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        ignoreElements(),
      ),
      '400ms !',
    ).toBe('');
    cluster.fail('Heartbeat', 'ILLEGAL_GENERATION');
    scheduler.schedule(() => cluster.append('orders', 0, 1), 200);
  }),
);

test(
  'kafkajs-illegal-generation-terminal: a network that was away for longer than the session: it joins as a new member',
  marble(({ scheduler, cluster, consume, told, expectObservable }) => {
    cluster.topic('orders', 1, 1);
    const lost = told('lost').pipe(map(({ reason }) => `lost: ${String(reason)}`));
    story(scheduler, merge(lost, cluster.sent('JoinGroup', 'SyncGroup')), 3_000, [
      'join',
      'join m-1',
      'sync m-1 in 1',
      'lost: UNKNOWN_MEMBER_ID',
      'join',
      'join m-2',
      'sync m-2 in 3',
    ]);
    expectObservable(
      consume({ mode }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        ignoreElements(),
      ),
      '3s !',
    ).toBe('');
    scheduler.schedule(() => {
      cluster.refuse(1);
      cluster.cut(1);
    }, 100);
    scheduler.schedule(() => cluster.accept(1), 1_000);
  }),
);

test(
  'kafkajs-illegal-generation-terminal: where that goes on it joins further and further apart',
  marble(({ scheduler, cluster, consume, expectObservable }) => {
    cluster.topic('orders', 1, 1);
    cluster.fail('SyncGroup', 'ILLEGAL_GENERATION', { times: 4 });
    story(scheduler, cluster.sent('JoinGroup'), 3_000, [
      '5 join',
      '6 join m-1',
      '108 join m-1',
      '310 join m-1',
      '712 join m-1',
      '1514 join m-1',
    ]);
    expectObservable(
      consume({ mode: { ...mode, sessionTimeout: 10_000 } }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        ignoreElements(),
      ),
      '3s !',
    ).toBe('');
  }),
);
