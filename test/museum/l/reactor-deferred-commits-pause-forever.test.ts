import { ignoreElements, mergeMap, tap } from 'rxjs';
import { describe, test } from 'vitest';
import { range } from '../../../src/group/assignors/range.ts';
import type { KafkaRecord } from '../../../src/model/record.ts';
import { telling } from '../telling.ts';
import { asMember, marble } from '../../support/scripted/index.ts';

// ack 0,1,3 (2 missing) | A{}#2 | A{p0}#3 redeliver 2 | window must drain

describe('reactor-deferred-commits-pause-forever', () => {
  test(
    'acks out of order are forgotten with their assignment: in the next one the window is empty, and fills and drains as ever',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 8);
      const { live, say } = telling(kit, 3_100, cluster.sent('OffsetCommit', 'SyncGroup'), [
        'sync m-1 in 1',
        'commit orders/0=0 in 1',
        ...['orders-0@0 in epoch 1', 'orders-0@1 in epoch 1', 'orders-0@2 in epoch 1', 'orders-0@3 in epoch 1'],
        'ack 0, 1, 3',
        ...['orders-0@4 in epoch 1', 'orders-0@5 in epoch 1', 'orders-0@6 in epoch 1'],
        'commit orders/0=2 in 1',
        'sync m-1 in 2',
        ...['orders-0@2 in epoch 2', 'orders-0@3 in epoch 2', 'orders-0@4 in epoch 2', 'orders-0@5 in epoch 2'],
        'ack 3, 2',
        ...['orders-0@6 in epoch 2', 'orders-0@7 in epoch 2'],
        'ack 4, 5, 6, 7',
        'commit orders/0=8 in 2',
      ]);
      const taken: KafkaRecord[] = [];
      const mode = asMember({ assignors: [range], heartbeatInterval: 20, rebalanceTimeout: 3_000 });
      const work = consume({ mode, window: { records: 4, bytes: 1e6 } }).pipe(
        mergeMap((stream) =>
          stream.pipe(
            tap((record) => {
              say(`${stream.key}@${record.offset} in epoch ${stream.assignmentEpoch}`);
              taken.push(record);
            }),
            ignoreElements(),
          ),
        ),
      );
      const ack = (...offsets: readonly number[]): void => {
        say(`ack ${offsets.join(', ')}`);
        for (const offset of offsets) taken.findLast((record) => record.offset === offset)?.ack();
      };
      live(work, '3s !');
      play('20ms a 19ms r 2s b c', {
        a: () => ack(0, 1, 3),
        r: () => cluster.apply({ kind: 'rebalance' }),
        b: () => ack(3, 2),
        c: () => ack(4, 5, 6, 7),
      });
    }),
  );
});
