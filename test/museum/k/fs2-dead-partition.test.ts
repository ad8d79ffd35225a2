import { ignoreElements, map, merge, mergeMap, Subject, tap } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { cooperativeSticky } from '../../../src/group/assignors/cooperativeSticky.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// A{p0,p1}#1 | revoke{p1}#2 (incremental) | add{p1,p2,p3}#3, #4

test(
  'fs2-dead-partition: every partition that is added, in whichever round, gets a stream that delivers',
  marble(({ scheduler, cluster, consume, told, expectObservable }) => {
    cluster.topic('orders', 2, 1);
    const said = new Subject<string>();
    const mode = asMember({ assignors: [cooperativeSticky], heartbeatInterval: 10 });
    const member = (name: string) =>
      consume({ mode, metadataMaxAge: 150, fetch: { minBytes: 1, maxWait: 20, maxBytes: 1e6, maxPartitionBytes: 1e6 } }, {}).pipe(
        mergeMap((stream) =>
          stream.pipe(
            tap(({ partition, offset }) => said.next(`${name}: ${partition}@${offset}`)),
            ackEach(),
          ),
        ),
        ignoreElements(),
      );

    const changes = merge(told('assigned'), told('revoked')).pipe(
      map(({ kind, partitions }) => `${kind} ${partitions.map(({ partition }) => partition).join() || 'nothing'}`),
    );
    story(scheduler, merge(said, changes), 600, [
      'assigned 0,1',
      'm1: 0@0',
      'm1: 1@0',
      'assigned nothing',
      'assigned nothing',
      'revoked 1',
      'assigned nothing',
      'assigned 1',
      'assigned 1',
      'm1: 1@1',
      'assigned 2,3',
      'm1: 2@0',
      'm1: 3@0',
      'm1: 2@1',
      'm1: 1@2',
      'm1: 3@1',
      'm1: 0@1',
    ]);
    expectObservable(member('m1'), '601ms !').toBe('');
    expectObservable(member('m2'), '20ms ^ 80ms !').toBe(''); // takes orders-1, and leaves
    scheduler.schedule(() => cluster.append('orders', 1, 1), 180);
    scheduler.schedule(
      () => cluster.apply({ kind: 'addPartitions', topic: 'orders', partitions: 4 }).append('orders', 2, 1).append('orders', 3, 1),
      200,
    );
    for (const partition of [0, 1, 2, 3]) scheduler.schedule(() => cluster.append('orders', partition, 1), 500);
  }),
);
