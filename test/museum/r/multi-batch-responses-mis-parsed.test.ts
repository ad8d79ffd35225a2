import { merge } from 'rxjs';
import { describe, test } from 'vitest';
import { marble } from '../../support/scripted/index.ts';
import { brought, delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// response = v2 batch + v2 compressed batch + truncated tail; v1 set + v2

describe('multi-batch-responses-mis-parsed', () => {
  test(
    'several batches, several compressed ones, a tail that is cut: each record is delivered once, and the tail is fetched next',
    marble((kit) => {
      const { cluster, consume } = kit;
      cluster.topic('orders', 1, 2);
      for (let batch = 0; batch < 2; batch++) cluster.append('orders', 0, 2, { compression: 'gzip' });
      cluster.append('orders', 0, 3).append('orders', 0, 2, { compression: 'gzip' });
      const { live } = telling(kit, 300, merge(cluster.sent('Fetch'), brought(cluster)), [
        'fetch orders/0@0',
        '-> orders/0 ok[0..1] ok[2..3] ok[4..5] cut',
        'orders-0@0',
        'orders-0@1',
        'orders-0@2',
        'orders-0@3',
        'orders-0@4',
        'orders-0@5',
        'fetch orders/0@6',
        '-> orders/0 ok[6..8] ok[9..10]',
        'orders-0@6',
        'orders-0@7',
        'orders-0@8',
        'orders-0@9',
        'orders-0@10',
        'fetch orders/0@11',
      ]);
      live(consume({ fetch: { ...patient, maxPartitionBytes: 350 } }).pipe(delivered()), '250ms !');
    }),
  );

  test(
    'a set of an older message format among the batches: what is before it is delivered, and it is neither skipped nor misread',
    marble((kit) => {
      const { cluster, consume } = kit;
      cluster.topic('orders', 1, 2).append('orders', 0, 2).append('orders', 0, 2);
      const { log } = cluster.partition('orders', 0);
      const read = log.read.bind(log);
      log.read = (offset, limits) => {
        const records = Buffer.from(read(offset, limits));
        const second = records.readInt32BE(8) + 12;
        records.writeInt8(1, offset < 2 ? second + 16 : 16);
        return records;
      };
      const { live } = telling(kit, 60_000, merge(cluster.sent('Fetch'), brought(cluster)), [
        'fetch orders/0@0',
        '-> orders/0 ok[0..1] bad: message format 1, which only Kafka before 0.11 writes',
        'orders-0@0',
        'orders-0@1',
        'error CORRUPT_MESSAGE',
      ]);
      live(consume({ fetch: patient }).pipe(delivered()), '50s !');
    }),
  );
});
