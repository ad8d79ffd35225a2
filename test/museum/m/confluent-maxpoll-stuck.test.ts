import { ignoreElements, merge, mergeMap, Subject, tap, type Unsubscribable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// +maxPoll with demand=0 | demand=1 | records come

test(
  'confluent-maxpoll-stuck: who asks for nothing for more than five minutes is a member all the same, and reads on',
  marble(({ scheduler, cluster, consume, expectObservable }) => {
    cluster.topic('orders', 1, 1);
    const records = new Subject<string>();
    let pause: Unsubscribable | undefined;
    story(scheduler, merge(records, cluster.sent('JoinGroup', 'LeaveGroup')), 340_000, [
      'join',
      'join m-1',
      '330001 epoch 1: 0',
      'epoch 1: 1',
    ]);
    const consumed = consume({
      fetch: { minBytes: 1, maxWait: 20_000, maxBytes: 1e6, maxPartitionBytes: 1e6 },
      mode: asMember({ assignors: [range], heartbeatInterval: 15_000 }),
    }).pipe(
      tap((stream) => {
        pause = stream.pause();
      }),
      mergeMap((stream) =>
        stream.pipe(
          tap(({ offset }) => records.next(`epoch ${stream.assignmentEpoch}: ${offset}`)),
          ackEach(),
        ),
      ),
      ignoreElements(),
    );
    expectObservable(consumed, '340s !').toBe('');
    scheduler.schedule(() => cluster.append('orders', 0, 1), 150_000);
    scheduler.schedule(() => pause?.unsubscribe(), 330_000);
  }),
);
