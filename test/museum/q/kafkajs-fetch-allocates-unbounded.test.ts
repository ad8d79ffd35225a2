import { gzipSync } from 'node:zlib';
import { ignoreElements, merge, mergeMap, tap } from 'rxjs';
import { describe, test } from 'vitest';
import type { KafkaRecord } from '../../../src/model/record.ts';
import { marble } from '../../support/scripted/index.ts';
import { asked, brought, delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// guess: compressed batch 1 MB → 1 GB

describe('kafkajs-fetch-allocates-unbounded', () => {
  test(
    'what a batch has become when it is decompressed is what counts: no more are fetched while two of a megabyte are not acked',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders');
      const value = Buffer.alloc(1_000_000);
      for (let batch = 0; batch < 5; batch++)
        cluster.append('orders', 0, [{ value }], { compression: 'gzip', deflate: (body) => gzipSync(body) });
      const taken: KafkaRecord[] = [];
      const { live, say } = telling(kit, 3_000, merge(asked(cluster), brought(cluster)), [
        'F(orders/0@0)',
        '-> orders/0 ok[0..0] cut',
        'record 0',
        'F(orders/0@1)',
        '-> orders/0 ok[1..1] cut',
        'record 1',
        'acked',
        'F(orders/0@2)',
        '-> orders/0 ok[2..2] cut',
        'record 2',
        'F(orders/0@3)',
        '-> orders/0 ok[3..3] cut',
        'record 3',
      ]);
      const fetch = { ...patient, maxPartitionBytes: 1_200 };
      const work = consume({ fetch, maxBuffered: 2_000_000, window: { records: 100, bytes: 100_000_000 } }).pipe(
        mergeMap((stream) => stream),
        tap((record) => {
          taken.push(record);
          say(`record ${String(record.offset)}`);
        }),
        ignoreElements(),
      );
      live(work, '2s !');
      play('1s a', {
        a: () => {
          say('acked');
          for (const record of taken.splice(0)) record.ack();
        },
      });
    }),
  );

  test(
    'a batch of seven bytes that says it becomes four gigabytes is an error of its stream: they are not even asked of the system',
    marble((kit) => {
      const { cluster, consume } = kit;
      cluster.topic('orders', 1, 2).append('orders', 0, 2, { compression: 'snappy', deflate: () => Buffer.from('ffffffff0f0061', 'hex') });
      const { live } = telling(kit, 3_000, merge(asked(cluster), brought(cluster)), [
        'F(orders/0@0)',
        '-> orders/0 ok[0..1] ok[2..3]',
        'orders-0@0',
        'orders-0@1',
        'error CORRUPT_MESSAGE',
      ]);
      live(consume({ fetch: patient }).pipe(delivered()), '2s !');
    }),
  );
});
