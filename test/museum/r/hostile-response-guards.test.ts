import { tap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import { encodeBatch, withCrc } from '../../../src/protocol/encodeBatch.ts';
import type { FetchPart } from '../../../src/protocol/fetchParts.ts';
import { marble } from '../../support/scripted/index.ts';
import { brought, delivered, patient, tamper } from '../script.ts';
import { telling } from '../telling.ts';

// fuzz the FetchResponse: negative counts, oversized lengths, duplicate/omitted partitions, negative offsets

const fetch = { ...patient, maxWait: 200 };

/** A batch at offset 10 with one number in it that cannot be. */
const numbers: Readonly<Record<string, (batch: Buffer) => unknown>> = {
  'a negative offset': (batch) => batch.writeBigInt64BE(-10n, 0),
  'an offset that no number holds': (batch) => batch.writeBigInt64BE(2n ** 62n, 0),
  'a negative length': (batch) => batch.writeInt32BE(-1, 8),
  'a length beyond the answer': (batch) => batch.writeInt32BE(0x7fffffff, 8),
  'a negative offset delta': (batch) => batch.writeInt32BE(-5, 23),
  'a negative number of records': (batch) => batch.writeInt32BE(-2, 57),
  'more records than there are bytes': (batch) => batch.writeInt32BE(0x7fffffff, 57),
  'fewer records than there are': (batch) => batch.writeInt32BE(1, 57),
};

/** Parts that no broker sends. */
const parts: Readonly<Record<string, (part: FetchPart) => readonly FetchPart[]>> = {
  'each partition twice': (part) => (part.kind === 'partition' || part.kind === 'batch' ? [part, part] : [part]),
  'partitions that were not asked for': (part) =>
    part.kind === 'partition'
      ? [part, { ...part, header: { ...part.header, topic: 'foreign', topicId: 'f'.repeat(32), partitionIndex: 7 } }]
      : [part],
  'negative ends of the log': (part) =>
    part.kind === 'partition'
      ? [{ ...part, header: { ...part.header, highWatermark: -5, lastStableOffset: -7, logStartOffset: -9 } }]
      : [part],
};

describe('hostile-response-guards', () => {
  test.each(Object.keys(numbers))(
    'a batch with %s is an error of its stream: nothing of it is delivered, and the position stays',
    (what) => {
      marble((kit) => {
        const { cluster, consume } = kit;
        cluster.topic('orders', 1, 10).append('orders', 0, 2);
        const { log } = cluster.partition('orders', 0);
        const read = log.read.bind(log);
        log.read = (offset, limits) => {
          if (offset < 10) return read(offset, limits);
          const batch = encodeBatch([{ value: Buffer.from('10') }, { value: Buffer.from('11') }], { baseOffset: 10 });
          numbers[what]?.(batch);
          return withCrc(batch);
        };
        let stream: PartitionStream | undefined;
        const { live } = telling(kit, 60_000, cluster.sent('Fetch'), ['fetch orders/0@10', 'error CORRUPT_MESSAGE']);
        live(
          consume({ startFrom: { offset: 10 }, fetch }).pipe(
            tap((each) => {
              stream = each;
            }),
            delivered(),
          ),
          '50s !',
        );
        kit.scheduler.schedule(() => {
          expect(stream?.position).toBe(10);
        }, 30_000);
      })();
    },
  );

  test.each(Object.keys(parts))('an answer with %s: each record is delivered once, and none is skipped', (what) => {
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 2);
      tamper(cluster, (part) => parts[what]?.(part) ?? [part]);
      const { live } = telling(kit, 2_000, brought(cluster), [
        '-> orders/0 ok[0..1]',
        'orders-0@0',
        'orders-0@1',
        '-> orders/0 ok[2..3]',
        'orders-0@2',
        'orders-0@3',
      ]);
      live(consume({ fetch }).pipe(delivered()), '1500ms !');
      play('500ms w', { w: () => cluster.append('orders', 0, 2) });
    })();
  });

  test(
    'an answer that leaves out what was asked for: it is asked for again, not at once, and nothing is skipped',
    marble((kit) => {
      const { cluster, consume } = kit;
      cluster.topic('orders', 1, 2);
      let left = 3;
      tamper(cluster, (part) => {
        const isLeftOut = left > 0 && part.kind !== 'head' && part.kind !== 'end';
        if (part.kind === 'end') left--;
        return isLeftOut ? [] : [part];
      });
      const { live } = telling(kit, 2_000, brought(cluster), [
        '4 -> orders/0 ok[0..1]',
        '103 -> orders/0 ok[0..1]',
        '203 -> orders/0 ok[0..1]',
        '303 -> orders/0 ok[0..1]',
        'orders-0@0',
        'orders-0@1',
      ]);
      live(consume({ fetch: patient }).pipe(delivered()), '1500ms !');
    }),
  );
});
