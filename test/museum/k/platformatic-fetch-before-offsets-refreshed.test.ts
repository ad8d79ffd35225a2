import { ignoreElements, mergeMap, tap, Subject, merge } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { cooperativeSticky } from '../../../src/group/assignors/cooperativeSticky.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// A{p0,p1} OF(p1) pending | F without p1 | OF->500 | F(p1@500)

test(
  'platformatic-fetch-before-offsets-refreshed: a partition is fetched when its committed offset is known, from there',
  marble(({ scheduler, cluster, consume, expectObservable }) => {
    cluster.topic('orders', 2, 1);
    cluster.append('orders', 1, 499).append('orders', 1, 2);
    cluster.apply({ kind: 'commit', groupId: 'g', topic: 'orders', partition: 1, offset: 500 });
    cluster.inject({ api: 'OffsetFetch', topic: 'orders', partition: 1, times: 2, kind: 'error', error: 'UNSTABLE_OFFSET_COMMIT' });
    const records = new Subject<string>();

    story(scheduler, merge(cluster.sent('OffsetFetch', 'Fetch'), records), 1_000, [
      'offsetFetch orders/0 orders/1',
      'fetch orders/0@0',
      'orders-0@0',
      'fetch orders/0@1',
      'offsetFetch orders/1',
      'fetch orders/0@1',
      'fetch orders/0@1',
      'offsetFetch orders/1',
      'fetch orders/0@1',
      'fetch orders/1@500',
      'orders-1@500',
      'orders-1@501',
      'fetch orders/1@502',
      'fetch orders/1@502 orders/0@1',
    ]);
    const consumed = consume({ mode: asMember({ assignors: [range] }) }).pipe(
      mergeMap((stream) =>
        stream.pipe(
          tap(({ offset }) => records.next(`${stream.key}@${offset}`)),
          ackEach(),
        ),
      ),
      ignoreElements(),
    );
    expectObservable(consumed, '1s !').toBe('');
  }),
);

test(
  'platformatic-fetch-before-offsets-refreshed: cooperative: what was there is fetched on meanwhile',
  marble(({ scheduler, cluster, consume, expectObservable }) => {
    cluster.topic('orders', 2, 1);
    cluster.append('orders', 1, 499).append('orders', 1, 2);
    cluster.apply({ kind: 'commit', groupId: 'g', topic: 'orders', partition: 1, offset: 500 });
    const records = new Subject<string>();
    const mode = asMember({ assignors: [cooperativeSticky], heartbeatInterval: 10 });
    const member = () =>
      consume({ mode }, {}).pipe(
        mergeMap((stream) =>
          stream.pipe(
            tap(({ offset }) => records.next(`${stream.key}@${offset}`)),
            ackEach(),
          ),
        ),
        ignoreElements(),
      );

    const sent = cluster.sent('OffsetFetch', 'Fetch', 'LeaveGroup');
    story(scheduler, merge(sent, records), 200, [
      'offsetFetch orders/0 orders/1',
      'fetch orders/0@0',
      'orders-0@0',
      'fetch orders/0@1 orders/1@500',
      'orders-1@500',
      'orders-1@501',
      'fetch orders/0@1 orders/1@502',
      'offsetFetch orders/1',
      'fetch orders/1@502',
      'leave m-2',
      'offsetFetch orders/1',
      'orders-0@1',
      'fetch orders/0@2',
      'fetch orders/1@502',
    ]);
    expectObservable(member(), '200ms !').toBe('');
    expectObservable(member(), '20ms ^ 40ms !').toBe(''); // has orders-1 for a while
    scheduler.schedule(() => cluster.fail('OffsetFetch', { delay: 50 }), 62);
    scheduler.schedule(() => cluster.append('orders', 0, 1), 90);
  }),
);
