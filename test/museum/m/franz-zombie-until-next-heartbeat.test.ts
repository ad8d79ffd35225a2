import { ignoreElements, map, merge, mergeMap, Subject, tap } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// OC->E:UNKNOWN_MEMBER_ID | expect delivery stops now, J

test(
  'franz-zombie-until-next-heartbeat: a commit that says that we are unknown stops delivery at once',
  marble(({ scheduler, cluster, consume, told, expectObservable }) => {
    cluster.topic('orders', 1, 1);
    const records = new Subject<string>();
    const lost = told('lost').pipe(map(() => 'lost'));
    story(scheduler, merge(records, lost, cluster.sent('OffsetCommit', 'Heartbeat', 'JoinGroup')), 300, [
      'join',
      'join m-1',
      'commit orders/0=0 in 1',
      'epoch 1: 0',
      '41 epoch 1: 1',
      '60 commit orders/0=2 in 1',
      '61 lost',
      '161 join',
      'join m-2',
      'epoch 2: 0',
      'commit orders/0=1 in 3',
      'epoch 2: 1',
      'epoch 2: 2',
      'epoch 2: 3',
      'commit orders/0=4 in 3',
      'epoch 2: 4',
      'commit orders/0=5 in 3',
    ]);
    const consumed = consume({ mode: asMember({ assignors: [range] }), commit: { interval: 50, records: Infinity } }).pipe(
      mergeMap((stream) =>
        stream.pipe(
          tap(({ offset }) => records.next(`epoch ${stream.assignmentEpoch}: ${offset}`)),
          ackEach(),
        ),
      ),
      ignoreElements(),
    );
    expectObservable(consumed, '300ms !').toBe('');
    scheduler.schedule(() => cluster.apply({ kind: 'evict' }), 20);
    for (const at of [40, 62, 70, 250]) scheduler.schedule(() => cluster.append('orders', 0, 1), at);
  }),
);
