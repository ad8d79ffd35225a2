import { ignoreElements, merge, mergeMap, filter, Subject, tap } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// A{}#1 +sessionTimeout | expect HB

test(
  'kafkajs-member-without-partitions-leaves: who got nothing beats on, and gets what becomes free',
  marble(({ scheduler, cluster, consume, expectObservable }) => {
    cluster.topic('orders', 1, 1);
    const records = new Subject<string>();
    const mode = asMember({ assignors: [range], sessionTimeout: 100, heartbeatInterval: 60 });
    const member = (name: string) =>
      consume({ mode }, {}).pipe(
        mergeMap((stream) =>
          stream.pipe(
            tap(({ offset }) => records.next(`${name}: ${offset}`)),
            ackEach(),
          ),
        ),
        ignoreElements(),
      );

    const ofSecond = cluster.sent('JoinGroup', 'Heartbeat').pipe(filter((line) => line.includes('m-2')));
    story(scheduler, merge(records, ofSecond, cluster.sent('LeaveGroup')), 600, [
      'm1: 0',
      'join m-2',
      'heartbeat m-2 in 2',
      'heartbeat m-2 in 2',
      'heartbeat m-2 in 2',
      'heartbeat m-2 in 2',
      'heartbeat m-2 in 2',
      'heartbeat m-2 in 2',
      'heartbeat m-2 in 2',
      'leave m-1',
      'heartbeat m-2 in 2',
      'join m-2',
      'm2: 1',
    ]);
    expectObservable(member('m1'), '500ms !').toBe('');
    expectObservable(member('m2'), '20ms ^ 600ms !').toBe('');
    scheduler.schedule(() => cluster.append('orders', 0, 1), 550);
  }),
);
