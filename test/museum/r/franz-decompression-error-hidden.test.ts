import { catchError, map, merge, mergeMap, retry, throwError, timer } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { KafkaRxError } from '../../../src/errors/index.ts';
import { marble, ofPartitions } from '../../support/scripted/index.ts';
import { asked, brought, patient } from '../script.ts';
import { telling } from '../telling.ts';

// F(@10)->batch{codec bad} ×3

/** What it is, where, and why: with the codec. */
function wordsOf(error: unknown): string {
  if (!KafkaRxError.is(error)) return String(error);
  const { code, topic, partition, offset, cause } = error;
  return `${code} ${String(topic)}/${String(partition)}@${String(offset)} ${cause instanceof Error ? cause.message : ''}`;
}

describe('franz-decompression-error-hidden', () => {
  test(
    'a batch that is not in its codec is an error each time that it is asked for, with place and codec; it is not asked for by itself, and its neighbour goes on',
    marble((kit) => {
      const { scheduler, cluster, consume, play } = kit;
      cluster.topic('orders', 2, 10).append('orders', 0, 2, { compression: 'gzip', deflate: (body) => body });
      const { live, say } = telling(kit, 3_000, merge(asked(cluster), brought(cluster)), [
        'F(orders/0@10)',
        'F(orders/1@10)',
        '-> orders/0 ok[10..11]',
        'CORRUPT_MESSAGE orders/0@10 gzip: incorrect header check',
        '-> orders/1 ok[10..10]',
        'orders-1@10',
        'F(orders/1@11)',
        '-> orders/0 ok[10..11]',
        'CORRUPT_MESSAGE orders/0@10 gzip: incorrect header check',
        '-> orders/0 ok[10..11]',
        'error CORRUPT_MESSAGE orders/0@10 gzip: incorrect header check',
      ]);
      const fetch = { ...patient, maxWait: 200 };
      const work = consume({ mode: ofPartitions(2), startFrom: { offset: 10 }, fetch }).pipe(
        mergeMap((stream) =>
          stream.pipe(
            ackEach(),
            map(({ offset }) => `${stream.key}@${String(offset)}`),
            retry({
              count: 2,
              delay: (error) => {
                say(wordsOf(error));
                return timer(500, scheduler);
              },
            }),
            catchError((error: unknown) => throwError(() => wordsOf(error))),
          ),
        ),
      );
      live(work, '2500ms !');
      play('600ms w', { w: () => cluster.append('orders', 1, 1) });
    }),
  );
});
