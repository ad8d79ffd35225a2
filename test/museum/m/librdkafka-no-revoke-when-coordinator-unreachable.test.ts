import { ignoreElements, map, merge, mergeMap, Subject, tap } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// coordinator hang > sessionTimeout | expect local "lost" notification

test(
  'librdkafka-no-revoke-when-coordinator-unreachable: by our own clock the session is over: nothing is delivered, and that is told',
  marble(({ scheduler, cluster, consume, told, expectObservable }) => {
    cluster.topic('orders', 1, 1);
    cluster.apply({ kind: 'moveCoordinator', node: 2 });
    const records = new Subject<string>();
    const events = merge(
      told('stalled').pipe(map(({ reason }) => `stalled: ${reason}`)),
      told('recovered').pipe(map(({ reason }) => `recovered: ${reason}`)),
      told('lost').pipe(map(() => 'lost')),
    );
    story(scheduler, merge(records, events, cluster.sent('JoinGroup')), 3_000, [
      'join at b2',
      'join m-1 at b2',
      'epoch 1: 0',
      '201 epoch 1: 1',
      '1000 stalled: session-expired',
      '1502 lost',
      'join at b2',
      'join m-2 at b2',
      'epoch 2: 0',
      'epoch 2: 1',
      'epoch 2: 2',
      'epoch 2: 3',
    ]);
    const consumed = consume({ mode: asMember({ assignors: [range], sessionTimeout: 300, heartbeatInterval: 50 }) }).pipe(
      mergeMap((stream) =>
        stream.pipe(
          tap(({ offset }) => records.next(`epoch ${stream.assignmentEpoch}: ${offset}`)),
          ackEach(),
        ),
      ),
      ignoreElements(),
    );
    expectObservable(consumed, '3s !').toBe('');
    scheduler.schedule(() => cluster.apply({ kind: 'freeze', node: 2 }), 100);
    for (const at of [200, 500, 900]) scheduler.schedule(() => cluster.append('orders', 0, 1), at);
    scheduler.schedule(() => cluster.apply({ kind: 'up', node: 2 }), 1_500);
  }, 2),
);
