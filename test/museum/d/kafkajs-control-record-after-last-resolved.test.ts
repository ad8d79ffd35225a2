import { merge, mergeMap, tap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import type { KafkaRecord } from '../../../src/model/record.ts';
import { asMember, marble, offsets } from '../../support/scripted/index.ts';
import { brought, patient } from '../script.ts';
import { telling } from '../telling.ts';

// F(@10)->ok[10..11]+ctl[12] H✓(11) | expect commit 13

describe('kafkajs-control-record-after-last-resolved', () => {
  test(
    'the ack of the last record that is seen covers the marker behind it: lag is 0, and what is committed is behind the marker',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 10);
      cluster.apply({ kind: 'transaction', topic: 'orders', partition: 0, records: 2, ends: 'commit', producerId: 7 });
      cluster.apply({ kind: 'commit', groupId: 'g', topic: 'orders', partition: 0, offset: 10 });
      const taken: KafkaRecord[] = [];
      let stream: PartitionStream | undefined;
      const { live, say } = telling(kit, 400, merge(cluster.sent('Fetch', 'OffsetCommit'), brought(cluster)), [
        'fetch orders/0@10',
        '-> orders/0 txn[10..11] ctl[12]',
        '10',
        '11',
        'fetch orders/0@13',
        'done: 10',
        'commit orders/0=11 in 1',
        'done: 11',
        'commit orders/0=13 in 1',
      ]);
      const work = consume({ mode: asMember(), fetch: patient, commit: { interval: 20, records: Infinity } }).pipe(
        tap((each) => {
          stream = each;
        }),
        mergeMap((each) =>
          each.pipe(
            tap((record) => taken.push(record)),
            offsets(),
          ),
        ),
      );
      live(work, '300ms !');
      play('100ms a 99ms b 50ms l', {
        a: () => {
          say('done: 10');
          taken[0]?.ack();
        },
        b: () => {
          say('done: 11');
          taken[1]?.ack();
        },
        l: () => {
          expect(stream?.lag).toBe(0);
          expect(stream?.committed).toBe(13);
        },
      });
    }),
  );
});
