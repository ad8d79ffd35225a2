import { bufferCount, ignoreElements, merge, mergeMap, Subject, tap, timer } from 'rxjs';
import { test } from 'vitest';
import { asMember, marble } from '../../support/scripted/index.ts';
import { story, toTheLast } from '../kit.ts';

// bufferCount(100): 60 collected | A{}#2 | 40 more

test(
  'librdkafka-batch-api-serves-revoked: a batch that is being collected ends with its partition, and holds nothing of another time',
  marble(({ scheduler, cluster, consume, expectObservable }) => {
    cluster.topic('orders', 1, 60);
    const batches = new Subject<string>();
    const mode = asMember({ heartbeatInterval: 10, assignors: [toTheLast] });
    const member = (name: string, life: number) =>
      consume({ mode, until: timer(life, scheduler) }, {}).pipe(
        mergeMap((stream) =>
          stream.pipe(
            bufferCount(100),
            tap((batch) => {
              batches.next(`${name} has ${batch.at(0)?.offset}..${batch.at(-1)?.offset}`);
              for (const record of batch) record.ack();
            }),
          ),
        ),
        ignoreElements(),
      );

    story(scheduler, merge(batches, cluster.sent('OffsetCommit')), 2_000, [
      'commit orders/0=0 in 1',
      'm1 has 0..59',
      'commit orders/0=60 in 1',
      'm2 has 60..99',
      'commit orders/0=100 in 2',
    ]);
    expectObservable(member('m1', 1_500)).toBe('1501ms |');
    expectObservable(member('m2', 1_000), '50ms ^').toBe('1052ms |');
    scheduler.schedule(() => cluster.append('orders', 0, 40), 500);
  }),
);
