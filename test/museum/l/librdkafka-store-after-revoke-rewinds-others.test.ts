import { ignoreElements, map, mergeMap, tap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { KafkaRecord } from '../../../src/model/record.ts';
import { toTheLast } from '../kit.ts';
import { telling } from '../telling.ts';
import { asMember, marble } from '../../support/scripted/index.ts';

// A{p0}#1 H(1) … A{}#2 (another member commits 4) | H(1)✓ | A{p0}#3 | autocommit must not send 2

describe('librdkafka-store-after-revoke-rewinds-others', () => {
  test(
    'an ack that comes when its partition is somebody else’s is dropped: it rewinds nobody, neither then nor when the partition is back',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 2);
      const { live, say } = telling(kit, 4_100, cluster.sent('OffsetCommit'), [
        'commit orders/0=0 in 1',
        ...['orders-0@0 to the one, in epoch 1', 'orders-0@1 to the one, in epoch 1'],
        'commit orders/0=1 in 1',
        'orders-0@1 to the other',
        'commit orders/0=2 in 2',
        'orders-0@2 to the other',
        'commit orders/0=3 in 2',
        'orders-0@3 to the other',
        'commit orders/0=4 in 2',
        'the one acks 1',
        'orders-0@4 to the one, in epoch 2',
        'commit orders/0=5 in 3',
        'orders-0@5 to the one, in epoch 2',
        'commit orders/0=6 in 3',
      ]);
      const mode = asMember({ assignors: [toTheLast], heartbeatInterval: 10, rebalanceTimeout: 3_000 });
      const commit = { interval: 50, records: Infinity };
      const working: KafkaRecord[] = [];
      const one = consume({ mode, commit }, {}).pipe(
        mergeMap((stream) =>
          stream.pipe(
            tap((record) => {
              say(`${stream.key}@${record.offset} to the one, in epoch ${stream.assignmentEpoch}`);
              if (stream.assignmentEpoch === 1 && record.offset === 1) working.push(record);
              else record.ack();
            }),
            ignoreElements(),
          ),
        ),
      );
      const other = consume({ mode, commit }, {}).pipe(mergeMap((stream) => stream.pipe(ackEach())));
      live(one, '4s !');
      live(other.pipe(map(({ offset }) => `orders-0@${offset} to the other`)), '100ms ^ 2s !');
      play('1500ms w 299ms a 1s w', {
        w: () => cluster.append('orders', 0, 2),
        a: () => {
          say(`the one acks ${working.length}`);
          working[0]?.ack();
        },
      });
    }),
  );
});
