import { ignoreElements, merge, of, Subject, take, tap, timer, type Observable } from 'rxjs';
import { test } from 'vitest';
import { processRecords } from '../../../operators/index.ts';
import type { KafkaRecord } from '../../../src/model/record.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// A{p0,p1}#1 F->ok(p1[0..2]) H(p1:0)… | HB->E:REBALANCE | A{p0}#2 | H(p1:0)✓ | no H(p1:1), no OC(p1)

test(
  'kafkajs-revoked-records-and-commits: what is left of a partition that goes is neither handled nor committed',
  marble(({ scheduler, cluster, consume, expectObservable }) => {
    cluster.topic('orders', 2, 3);
    const handled = new Subject<string>();
    const done = new Subject<string>();
    const handler =
      (who: string) =>
      ({ partition, offset }: KafkaRecord): Observable<string> => {
        handled.next(`${who} handles ${partition}@${offset}`);
        return who === 'm1' && partition === 1 ? done.pipe(take(1)) : of('');
      };
    const mode = asMember({ assignors: [range], heartbeatInterval: 10, rebalanceTimeout: 3_000 });

    story(scheduler, merge(handled, cluster.sent('OffsetCommit', 'JoinGroup', 'SyncGroup', 'LeaveGroup')), 2_000, [
      'join',
      'join m-1',
      'sync m-1 in 1',
      'commit orders/0=0 in 1',
      'commit orders/1=0 in 1',
      'm1 handles 0@0',
      'm1 handles 0@1',
      'm1 handles 0@2',
      'm1 handles 1@0',
      'join',
      'join m-2',
      'commit orders/0=3 in 1',
      'join m-1',
      'sync m-1 in 2',
      'sync m-2 in 2',
      'm2 handles 1@0',
      'm2 handles 1@1',
      'm2 handles 1@2',
      'm1 is done with 1@0',
      'leave m-1',
      'commit orders/1=3 in 2',
      'leave m-2',
    ]);
    expectObservable(consume({ mode }, {}).pipe(processRecords(handler('m1')), ignoreElements()), '1900ms !').toBe('');
    expectObservable(consume({ mode }, {}).pipe(processRecords(handler('m2')), ignoreElements()), '20ms ^ 1879ms !').toBe('');
    // By then orders-1 is somebody else's.
    scheduler.schedule(() => {
      handled.next('m1 is done with 1@0');
      done.next('done');
    }, 1_500);
  }),
);

test(
  'kafkajs-revoked-records-and-commits: what ends in time is committed by who had it, and nothing more begins',
  marble(({ scheduler, cluster, consume, expectObservable }) => {
    cluster.topic('orders', 2, 3);
    const handled = new Subject<string>();
    const mode = asMember({ assignors: [range], heartbeatInterval: 10 });
    const work = consume({ mode }).pipe(
      processRecords(({ partition, offset }) => {
        handled.next(`orders-${partition}@${offset} begins`);
        return timer(partition === 1 ? 50 : 0, scheduler).pipe(tap(() => handled.next(`orders-${partition}@${offset} is done`)));
      }),
      ignoreElements(),
    );

    story(scheduler, merge(handled, cluster.sent('OffsetCommit', 'JoinGroup')), 100, [
      'join',
      'join m-1',
      'commit orders/0=0 in 1',
      'commit orders/1=0 in 1',
      'orders-0@0 begins',
      'orders-0@0 is done',
      'orders-0@1 begins',
      'orders-0@1 is done',
      'orders-0@2 begins',
      'orders-0@2 is done',
      'orders-1@0 begins',
      'orders-1@0 is done',
      'commit orders/0=3 orders/1=1 in 1',
      'join m-1',
    ]);
    expectObservable(work, '100ms !').toBe('');
    scheduler.schedule(() => cluster.apply({ kind: 'rebalance' }), 20);
  }),
);
