import { ignoreElements, merge, mergeMap, Subject, tap } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { cooperativeSticky } from '../../../src/group/assignors/cooperativeSticky.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// A{p0,p1}#1 | revoke{p1}#2 (incremental) | records for both

test(
  'fs2-two-consumers-one-partition: a stream ends when its partition goes, before the one of the new owner begins',
  marble(({ scheduler, cluster, consume, expectObservable }) => {
    cluster.topic('orders', 2, 1);
    const said = new Subject<string>();
    const mode = asMember({ assignors: [cooperativeSticky], heartbeatInterval: 10 });
    const member = (name: string) =>
      consume({ mode }, {}).pipe(
        mergeMap((stream) => {
          said.next(`${name}: ${stream.key} begins`);
          return stream.pipe(
            tap({
              next: ({ partition, offset }) => said.next(`${name}: ${partition}@${offset}`),
              complete: () => said.next(`${name}: ${stream.key} ends`),
            }),
            ackEach(),
          );
        }),
        ignoreElements(),
      );

    story(scheduler, merge(said, cluster.sent('OffsetCommit')), 300, [
      'm1: orders-0 begins',
      'm1: orders-1 begins',
      'commit orders/0=0 in 1',
      'commit orders/1=0 in 1',
      'm1: 0@0',
      'm1: 1@0',
      'm1: orders-1 ends',
      'commit orders/1=1 in 2',
      'm2: orders-1 begins',
      'm1: 0@1',
      'm2: 1@1',
    ]);
    expectObservable(member('m1'), '301ms !').toBe('');
    expectObservable(member('m2'), '20ms ^ 281ms !').toBe('');
    for (const partition of [0, 1]) scheduler.schedule(() => cluster.append('orders', partition, 1), 200);
  }),
);
