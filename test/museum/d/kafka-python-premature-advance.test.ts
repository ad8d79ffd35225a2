import { ignoreElements, map, merge, mergeMap, tap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { encodeBatch, withCrc } from '../../../src/protocol/encodeBatch.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import type { KafkaRecord } from '../../../src/model/record.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { brought, delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// F(@10)->ok[10..14]+bad[15] | demand=3 | error

/** A batch whose only record has another length than it says; its checksum is good. */
function bad(): Buffer {
  const batch = encodeBatch([{ value: Buffer.from('15') }]);
  batch.writeInt8(0x7e, 61);
  return withCrc(batch);
}

describe('kafka-python-premature-advance', () => {
  test(
    'what cannot be read takes nothing of the good records before it along, however few of them are wanted at a time; the position stays at it',
    marble((kit) => {
      const { cluster, consume, play, told } = kit;
      cluster.topic('orders', 1, 10).append('orders', 0, 5);
      cluster.apply({ kind: 'commit', groupId: 'g', topic: 'orders', partition: 0, offset: 10 });
      cluster.partition('orders', 0).log.appendBatch(bad(), 0);
      const taken: KafkaRecord[] = [];
      let stream: PartitionStream | undefined;
      const failed = told('failed').pipe(map(({ error }) => `failed at ${String(stream?.position)}: ${error.message}`));
      const { live, say } = telling(kit, 500, merge(cluster.sent('OffsetCommit'), brought(cluster), failed), [
        '-> orders/0 ok[10..14] ok[15..15]',
        'orders-0@10',
        'orders-0@11',
        'orders-0@12',
        'acked',
        'orders-0@13',
        'commit orders/0=11 in 1',
        'orders-0@14',
        'failed at 15: the batch of orders-0 at offsets 15 to 15 cannot be read',
        'error CORRUPT_MESSAGE',
        'commit orders/0=13 in 1',
        'acked',
      ]);
      const work = consume({
        mode: asMember(),
        fetch: patient,
        window: { records: 3, bytes: 1e6 },
        commit: { interval: 20, records: Infinity },
      }).pipe(
        tap((each) => {
          stream = each;
        }),
        mergeMap((each) =>
          each.pipe(
            tap((record) => {
              taken.push(record);
              say(`${each.key}@${String(record.offset)}`);
            }),
            ignoreElements(),
          ),
        ),
      );
      live(work, '400ms !');
      const ack = (): void => {
        say('acked');
        for (const record of taken.splice(0)) record.ack();
      };
      play('50ms a 49ms a 100ms p', { a: ack, p: () => expect(stream?.position).toBe(15) });
    }),
  );

  test(
    'one bad record makes its whole batch unreadable: nothing of that is delivered, and nothing of it is passed',
    marble((kit) => {
      const { cluster, consume, told } = kit;
      cluster.topic('orders', 1, 10);
      const batch = encodeBatch(Array.from({ length: 6 }, (_, index) => ({ value: Buffer.from(String(10 + index)) })));
      batch.writeInt8(0x7e, batch.length - 9); // the length of the last
      cluster.partition('orders', 0).log.appendBatch(withCrc(batch), 0);
      let stream: PartitionStream | undefined;
      const failed = told('failed').pipe(map(({ error }) => `failed at ${String(stream?.position)}: ${error.message}`));
      const { live } = telling(kit, 500, merge(cluster.sent('Fetch'), brought(cluster), failed), [
        'fetch orders/0@10',
        '-> orders/0 ok[10..15]',
        'failed at 10: the batch of orders-0 at offsets 10 to 15 cannot be read',
        'error CORRUPT_MESSAGE',
      ]);
      live(
        consume({ startFrom: { offset: 10 }, fetch: patient }).pipe(
          tap((each) => {
            stream = each;
          }),
          delivered(),
        ),
        '400ms !',
      );
    }),
  );
});
