import { filter, ignoreElements, map, merge, scan, Subject, timer } from 'rxjs';
import { test } from 'vitest';
import { processRecords } from '../../../operators/index.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// sessionTimeout 30s; H(0) takes 60s | expect HB every interval; record 0 delivered once

test(
  'kafkajs-heartbeat-starved-by-handler: heartbeats go on while a handler works, and the record is handled once',
  marble(({ scheduler, cluster, consume, expectObservable }) => {
    cluster.topic('orders', 1, 1);
    const handled = new Subject<string>();
    const everyTenth = cluster.sent('Heartbeat').pipe(
      scan((count) => count + 1, 0),
      filter((count) => count % 10 === 0),
      map((count) => `heartbeat ${count}`),
    );
    story(scheduler, merge(handled, everyTenth, cluster.sent('JoinGroup', 'OffsetCommit')), 70_000, [
      'join',
      'join m-1',
      'commit orders/0=0 in 1',
      'record 0 begins',
      'heartbeat 10',
      'record 0 is done',
      'commit orders/0=1 in 1',
      'heartbeat 20',
    ]);
    const consumed = consume({ mode: asMember({ assignors: [range], sessionTimeout: 30_000, heartbeatInterval: 3_000 }) }).pipe(
      processRecords(({ offset }) => {
        handled.next(`record ${offset} begins`);
        return timer(60_000, scheduler).pipe(map(() => handled.next(`record ${offset} is done`)));
      }),
      ignoreElements(),
    );
    expectObservable(consumed, '70s !').toBe('');
  }),
);
