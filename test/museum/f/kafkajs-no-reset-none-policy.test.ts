import { catchError, merge, mergeMap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { KafkaRxError } from '../../../src/errors/index.ts';
import { marble, ofPartitions, offsets } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// OF->50 F(@50)->E:OOR, LO->{100,200}, policy=error | expect error, zero deliveries, no OC

describe('kafkajs-no-reset-none-policy', () => {
  test(
    'with `none` nothing is guessed: the stream errors with what was asked for, delivers nothing, and nothing is committed',
    marble((kit) => {
      const { cluster, consume, told } = kit;
      cluster.topic('orders', 1, 100).append('orders', 0, 100);
      cluster.apply({ kind: 'deleteRecords', topic: 'orders', partition: 0, before: 100 });
      cluster.apply({ kind: 'commit', groupId: 'g', topic: 'orders', partition: 0, offset: 50 });
      const { live } = telling(kit, 10_000, merge(fetching(cluster), cluster.sent('OffsetFetch', 'OffsetCommit')), [
        'offsetFetch orders/0',
        'fetch orders/0@50',
        'answer orders/0: OFFSET_OUT_OF_RANGE',
        'error OFFSET_OUT_OF_RANGE',
      ]);
      let failures = 0;
      told('failed').subscribe(({ partition, error }) => {
        failures++;
        expect(partition).toBe(0);
        expect(error).toBeInstanceOf(KafkaRxError);
        expect(error).toMatchObject({ topic: 'orders', partition: 0, offset: 50 });
      });
      live(
        consume({ mode: ofPartitions(1, 'g'), autoOffsetReset: 'none', startFrom: undefined }).pipe(
          mergeMap((stream) => stream.pipe(ackEach())),
          offsets(),
        ),
        '10s !',
      );
      kit.scheduler.schedule(() => expect(failures).toBe(1), 10_000);
    }),
  );

  test(
    'the way out is a seek: the stream goes on there, on the same assignment',
    marble((kit) => {
      const { cluster, consume } = kit;
      cluster.topic('orders', 1, 100).append('orders', 0, 1);
      cluster.apply({ kind: 'deleteRecords', topic: 'orders', partition: 0, before: 100 });
      const { live, say } = telling(kit, 10_000, fetching(cluster), [
        'fetch orders/0@50',
        'answer orders/0: OFFSET_OUT_OF_RANGE',
        'errors, and is sought',
        'fetch orders/0@100',
        'answer orders/0: 100..100',
        'record 100, in epoch 1',
        'fetch orders/0@101',
      ]);
      const work = consume({ autoOffsetReset: 'none', startFrom: { offset: 50 } }).pipe(
        mergeMap((stream) => {
          const records = stream.pipe(
            ackEach(),
            mergeMap(({ offset }) => {
              say(`record ${offset}, in epoch ${stream.assignmentEpoch}`);
              return [];
            }),
          );
          return records.pipe(
            catchError(() => {
              say('errors, and is sought');
              stream.seek('earliest');
              return records;
            }),
          );
        }),
      );
      live(work, '10s !');
    }),
  );
});
