import { ignoreElements, merge, mergeMap, Subject, tap } from 'rxjs';
import { test } from 'vitest';
import type { KafkaRecord } from '../../../src/model/record.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { story, toTheLast } from '../kit.ts';

// A{p0}#1 buffer[0..9] | A{}#2 | A{p0}#3 OF->3

test(
  'alpakka-buffer-of-revoked: a buffer goes with its partition; when that comes back, delivery begins at what is committed',
  marble(({ scheduler, cluster, consume, expectObservable }) => {
    cluster.topic('orders', 1, 10);
    const records = new Subject<string>();
    const first: KafkaRecord[] = [];
    const mode = asMember({ heartbeatInterval: 10, rebalanceTimeout: 3_000, assignors: [toTheLast] });
    const window = { records: 3, bytes: 1e6 };
    const member = (name: string, work: (record: KafkaRecord) => void) =>
      consume({ mode, window }, {}).pipe(
        mergeMap((stream) =>
          stream.pipe(
            tap((record) => {
              records.next(`${name}, epoch ${stream.assignmentEpoch}: ${record.offset}`);
              work(record);
            }),
          ),
        ),
        ignoreElements(),
      );

    story(scheduler, merge(records, cluster.sent('OffsetCommit')), 3_000, [
      'commit orders/0=0 in 1',
      'm1, epoch 1: 0',
      'm1, epoch 1: 1',
      'm1, epoch 1: 2',
      'm1, epoch 1: 3',
      'commit orders/0=1 in 1',
      'm2, epoch 1: 1',
      'm2, epoch 1: 2',
      'm2, epoch 1: 3',
      'm2, epoch 1: 4',
      'm2, epoch 1: 5',
      'commit orders/0=3 in 2',
      'm1, epoch 2: 3',
      'm1, epoch 2: 4',
      'm1, epoch 2: 5',
      'm1, epoch 2: 6',
      'm1, epoch 2: 7',
      'm1, epoch 2: 8',
      'm1, epoch 2: 9',
    ]);
    expectObservable(
      member('m1', (record) => {
        first.push(record);
        if (record.offset === 0 || first.length > 4) record.ack();
      }),
      '3s !',
    ).toBe('');
    expectObservable(
      member('m2', (record) => {
        if (record.offset < 3) record.ack();
      }),
      '50ms ^ 2s !',
    ).toBe('');
    scheduler.schedule(() => {
      for (const record of first) record.ack();
    }, 1_500); // late: orders-0 is m2's
  }),
);
