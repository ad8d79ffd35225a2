import { merge } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { asMember, marble } from '../../support/scripted/index.ts';
import { brought, delivered } from '../script.ts';
import { telling } from '../telling.ts';

// F(@10)->E:<transient> or EOF | commit | expect 10

describe('librdkafka-eof-advances-position', () => {
  test.each(['UNKNOWN_SERVER_ERROR', 'KAFKA_STORAGE_ERROR', 'REQUEST_TIMED_OUT'])(
    'the end of the log and an error (%s) leave the position where it is, and what is committed',
    (error) => {
      marble((kit) => {
        const { cluster, consume, play } = kit;
        cluster.topic('orders', 1, 10);
        cluster.apply({ kind: 'commit', groupId: 'g', topic: 'orders', partition: 0, offset: 10 });
        const { live } = telling(kit, 2_000, merge(cluster.sent('OffsetCommit'), brought(cluster)), [
          `-> orders/0 E:${error}`,
          `-> orders/0 E:${error}`,
          '-> orders/0 ok[10..10]',
          'orders-0@10',
          'commit orders/0=11 in 1',
        ]);
        let answers = 0;
        cluster.traffic.subscribe(({ kind, api }) => {
          if (kind === 'answer' && api === 'Fetch') answers++;
        });
        const fetch = { minBytes: 1, maxWait: 100, maxBytes: 1e6, maxPartitionBytes: 1e6 };
        const work = consume({ mode: asMember(), fetch, commit: { interval: 20, records: Infinity } });
        live(work.pipe(delivered()), '1900ms !');
        play('500ms e 99ms e 900ms w', {
          e: () => cluster.failPartition('orders', 0, error),
          w: () => {
            expect(answers).toBeGreaterThan(2 + 5); // two errors, and the end of the log
            cluster.append('orders', 0, 1);
          },
        });
      })();
    },
  );
});
