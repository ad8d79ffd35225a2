import { merge, tap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { KafkaRxError } from '../../../src/errors/index.ts';
import { consumerOf, marble, settings } from '../../support/scripted/index.ts';
import { beforeKip74, brought, delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// as java-oversize-record-stuck: input stops; cause visible only at debug level

describe('logstash-oversize-kills-thread', () => {
  test(
    'the input does not stop in silence: who subscribes is given the error, with all that there is to say of it, though nobody listens to events',
    marble((kit) => {
      const { scheduler, cluster } = kit;
      cluster.topic('orders', 1, 1).append('orders', 0, 1, { valueBytes: 5_000 });
      beforeKip74(cluster.partition('orders', 0));
      const { live } = telling(kit, 5_000, merge(cluster.sent('Fetch'), brought(cluster)), [
        'fetch orders/0@0',
        '-> orders/0 ok[0..0] cut',
        'orders-0@0',
        'fetch orders/0@1',
        '-> orders/0 bad: 100 bytes, and no whole batch in them',
        'error CORRUPT_MESSAGE',
      ]);
      const look = (error: unknown): void => {
        expect(KafkaRxError.is(error) && [error.topic, error.partition, error.offset, error.broker]).toEqual(['orders', 0, 1, 'b1:9092']);
        expect(String(error)).toContain('100 bytes, and no whole batch in them');
      };
      const fetch = { ...patient, maxPartitionBytes: 100 };
      live(consumerOf(cluster, settings(scheduler, { fetch })).pipe(delivered(), tap({ error: look })), '4s !');
    }),
  );
});
