import { ignoreElements, merge, Subject, tap, timer, type Observable } from 'rxjs';
import { test } from 'vitest';
import { processBatches } from '../../../operators/index.ts';
import type { RecordBatch } from '../../../src/model/record.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// concurrency 3, one partition, 3 batches cached

test(
  'confluent-js-same-partition-concurrently: one handler per partition at most, however many batches wait',
  marble(({ scheduler, cluster, consume, expectObservable }) => {
    cluster.topic('orders', 1, 2);
    cluster.append('orders', 0, 2).append('orders', 0, 2);
    const said = new Subject<string>();
    const handler = (batch: RecordBatch): Observable<unknown> => {
      const first = String(batch.at(0).offset);
      said.next(`batch ${first} begins`);
      return timer(50, scheduler).pipe(tap({ complete: () => said.next(`batch ${first} ends`) }));
    };

    story(scheduler, merge(said, cluster.sent('Fetch')), 300, [
      'fetch orders/0@0',
      'batch 0 begins',
      'fetch orders/0@6',
      'batch 0 ends',
      'batch 2 begins',
      'batch 2 ends',
      'batch 4 begins',
      'batch 4 ends',
    ]);
    expectObservable(
      consume({ mode: asMember({ assignors: [range] }) }).pipe(processBatches(handler, { concurrency: 3 }), ignoreElements()),
      '300ms !',
    ).toBe('');
  }),
);
