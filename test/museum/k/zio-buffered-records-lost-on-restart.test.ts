import { ignoreElements, merge, mergeMap, Subject, tap } from 'rxjs';
import { test } from 'vitest';
import type { KafkaRecord } from '../../../src/model/record.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { story } from '../kit.ts';

// F->ok[0..9] delivered 0..4, buffered 5..9 | A same#2 (streams restarted) | expect 5..9

test(
  'zio-buffered-records-lost-on-restart: what was buffered when the streams began anew is delivered by the new ones',
  marble(({ scheduler, cluster, consume, expectObservable }) => {
    cluster.topic('orders', 1, 10);
    const records = new Subject<string>();
    const taken: KafkaRecord[] = [];

    story(scheduler, merge(cluster.sent('Fetch', 'OffsetCommit', 'JoinGroup'), records), 1_000, [
      'join',
      'join m-1',
      'commit orders/0=0 in 1',
      'fetch orders/0@0',
      'epoch 1: 0',
      'epoch 1: 1',
      'epoch 1: 2',
      'epoch 1: 3',
      'epoch 1: 4',
      'fetch orders/0@10',
      'commit orders/0=5 in 1',
      'join m-1',
      'fetch orders/0@5',
      'epoch 2: 5',
      'epoch 2: 6',
      'epoch 2: 7',
      'epoch 2: 8',
      'epoch 2: 9',
      'fetch orders/0@10',
    ]);
    const consumed = consume({ mode: asMember({ assignors: [range], heartbeatInterval: 10 }), window: { records: 5, bytes: 1e6 } }).pipe(
      mergeMap((stream) =>
        stream.pipe(
          tap((record) => {
            taken.push(record);
            records.next(`epoch ${stream.assignmentEpoch}: ${record.offset}`);
          }),
        ),
      ),
      ignoreElements(),
    );
    expectObservable(consumed, '1s !').toBe('');
    scheduler.schedule(() => cluster.apply({ kind: 'rebalance' }), 20);
    scheduler.schedule(() => {
      for (const record of taken) record.ack();
    }, 50);
  }),
);
