import { ignoreElements, mergeMap, retry, map, merge, Subject, tap } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// error → retry: new J(static id) only when the old close is done

test(
  'jitsu-restart-overlaps-static-member: who comes again waits until the one before has settled, and is fenced by nobody',
  marble(({ scheduler, cluster, consume, told, expectObservable }) => {
    cluster.topic('orders', 1, 2);
    const records = new Subject<string>();
    let failures = 0;
    const closed = told('closed').pipe(map(() => 'closed'));
    story(scheduler, merge(records, closed, cluster.sent('JoinGroup', 'OffsetCommit', 'LeaveGroup')), 500, [
      'join',
      'commit orders/0=0 in 1',
      'record 0',
      'record 1',
      'commit orders/0=1 in 1',
      'closed',
      'join',
      'record 1',
    ]);
    const mode = asMember({ assignors: [range], instanceId: 'i', leaveOnClose: false });
    const consumed = consume({ mode }).pipe(
      mergeMap((stream) =>
        stream.pipe(
          tap(({ offset }) => {
            records.next(`record ${offset}`);
            if (offset === 1 && failures++ === 0) throw new Error('the handler failed');
          }),
          ackEach(),
        ),
      ),
      retry(),
      ignoreElements(),
    );
    expectObservable(consumed, '500ms !').toBe('');
    cluster.inject({ api: 'OffsetCommit', kind: 'latency', delay: 60, after: 1 });
  }),
);
