import { concatMap, ignoreElements, map, merge, mergeMap, NEVER, Subject, tap, timer, type Observable } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { KafkaRecord } from '../../../src/model/record.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// revoke(p0) with 104 un-acked under back-pressure | the drain goes on | or: drain budget expires

const mode = asMember({ assignors: [range], heartbeatInterval: 10, rebalanceTimeout: 5_000 });

test(
  'reactor-drain-before-rebalance-hangs: what is in the pipeline drains while the group waits',
  marble(({ scheduler, cluster, consume, told, expectObservable }) => {
    cluster.topic('orders', 1, 104);
    const work = (record: KafkaRecord): Observable<KafkaRecord> => timer(10, scheduler).pipe(map(() => record));
    const events = merge(told('revokeRequested'), told('revoked'), told('assigned')).pipe(map(({ kind }) => kind));
    story(scheduler, merge(events, cluster.sent('OffsetCommit', 'JoinGroup')), 2_000, [
      'join',
      'join m-1',
      'assigned',
      'commit orders/0=0 in 1',
      'revokeRequested',
      'commit orders/0=104 in 1',
      'revoked',
      'join m-1',
      'assigned',
    ]);
    expectObservable(
      consume({ mode }).pipe(
        mergeMap((stream) => stream.pipe(concatMap(work), ackEach())),
        ignoreElements(),
      ),
      '2s !',
    ).toBe('');
    scheduler.schedule(() => cluster.apply({ kind: 'rebalance' }), 100);
  }),
);

test(
  'reactor-drain-before-rebalance-hangs: a pipeline that stands still is waited for until the deadline, and then it goes on',
  marble(({ scheduler, cluster, consume, told, expectObservable }) => {
    cluster.topic('orders', 1, 104);
    const seen = new Subject<string>();
    const events = merge(told('revokeRequested'), told('revoked'), told('assigned')).pipe(map(({ kind }) => kind));
    story(scheduler, merge(events, seen, cluster.sent('OffsetCommit', 'JoinGroup')), 6_000, [
      'join',
      'join m-1',
      'assigned',
      'commit orders/0=0 in 1',
      'revokeRequested',
      '3094 revoked',
      'join m-1',
      'assigned',
      'record 0 again',
      'record 103 again',
      'commit orders/0=104 in 2',
    ]);
    const consumed = consume({ mode }).pipe(
      mergeMap((stream) =>
        stream.pipe(
          stream.assignmentEpoch === 1
            ? concatMap(() => NEVER)
            : tap(({ offset }) => {
                if (offset % 103 === 0) seen.next(`record ${offset} again`);
              }),
          ackEach(),
        ),
      ),
      ignoreElements(),
    );
    expectObservable(consumed, '6s !').toBe('');
    scheduler.schedule(() => cluster.apply({ kind: 'rebalance' }), 100);
  }),
);
