import { ignoreElements, map, merge, Subject, timer } from 'rxjs';
import { test } from 'vitest';
import { processRecords } from '../../../operators/index.ts';
import { cooperativeSticky } from '../../../src/group/assignors/cooperativeSticky.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { asMember, codeOf, marble } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// A{p0}#1 H(0) 60s | A{p0}#2 F->ok[0..]

test(
  'kafkajs-two-handlers-same-record: eager: who still works when the next one begins was told to stop, and its ack is void',
  marble(({ scheduler, cluster, consume, expectObservable }) => {
    cluster.topic('orders', 1, 1);
    const said = new Subject<string>();
    let handlers = 0;

    story(scheduler, merge(said, cluster.sent('OffsetCommit')), 110_000, [
      'commit orders/0=0 in 1',
      'a begins with 0',
      'a is told HAND_OVER_DEADLINE',
      'b begins with 0',
      'a is done',
      'b is done',
      'commit orders/0=1 in 2',
      'b is told CONSUMER_CLOSED',
    ]);
    const consumed = consume({ mode: asMember({ assignors: [range], rebalanceTimeout: 40_000 }) }).pipe(
      processRecords(({ offset }, { signal }) => {
        const name = 'ab'[handlers++] ?? '?';
        said.next(`${name} begins with ${offset}`);
        signal.addEventListener('abort', () => said.next(`${name} is told ${String(codeOf(signal.reason))}`));
        return timer(60_000, scheduler).pipe(map(() => said.next(`${name} is done`)));
      }),
      ignoreElements(),
    );
    expectObservable(consumed, '105s !').toBe('');
    scheduler.schedule(() => cluster.apply({ kind: 'rebalance' }), 1_000);
  }),
);

test(
  'kafkajs-two-handlers-same-record: cooperative: what stays is worked on by the one who began',
  marble(({ scheduler, cluster, consume, expectObservable }) => {
    cluster.topic('orders', 1, 1);
    const said = new Subject<string>();

    story(scheduler, merge(said, cluster.sent('OffsetCommit', 'JoinGroup')), 70_000, [
      'join',
      'join m-1',
      'commit orders/0=0 in 1',
      'begins with 0',
      'join m-1',
      'is done',
      'commit orders/0=1 in 2',
    ]);
    const consumed = consume({ mode: asMember({ assignors: [cooperativeSticky] }) }).pipe(
      processRecords(({ offset }, { signal }) => {
        said.next(`begins with ${offset}`);
        return timer(60_000, scheduler).pipe(map(() => said.next(signal.aborted ? 'is done, and was told to stop' : 'is done')));
      }),
      ignoreElements(),
    );
    expectObservable(consumed, '70s !').toBe('');
    scheduler.schedule(() => cluster.apply({ kind: 'rebalance' }), 1_000);
  }),
);
