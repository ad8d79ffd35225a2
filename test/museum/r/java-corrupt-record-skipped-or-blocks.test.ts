import { catchError, defer, map, merge, mergeMap, NEVER, timer, type Observable } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { CorruptBatchError } from '../../../src/errors/index.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { brought, patient } from '../script.ts';
import { telling } from '../telling.ts';

// F(@10)->ok[10..11]+crc-bad[12..14]+ok[15] | error; retry → same error; U:seek(15)

describe('java-corrupt-record-skipped-or-blocks', () => {
  test(
    'the good records before it are delivered once, then the error names the range; asking again gives it again, until a seek passes it or it is whole',
    marble((kit) => {
      const { scheduler, cluster, consume, play } = kit;
      cluster
        .topic('orders', 1, 10)
        .append('orders', 0, 2)
        .append('orders', 0, 3)
        .append('orders', 0, 1)
        .append('orders', 0, 2)
        .append('orders', 0, 1);
      cluster.apply({ kind: 'commit', groupId: 'g', topic: 'orders', partition: 0, offset: 10 });
      const { log } = cluster.partition('orders', 0);
      for (const offset of [12, 16]) log.damage(offset);
      const { live, say } = telling(kit, 3_000, merge(cluster.sent('OffsetCommit'), brought(cluster)), [
        '-> orders/0 ok[10..11] crc-bad[12..14] ok[15..15] crc-bad[16..17] ok[18..18]',
        'orders-0@10',
        'orders-0@11',
        'corrupt: 12 to 14, position 12',
        'commit orders/0=12 in 1',
        '-> orders/0 crc-bad[12..14] ok[15..15] crc-bad[16..17] ok[18..18]',
        'corrupt: 12 to 14, position 12',
        'commit orders/0=15 in 1',
        '-> orders/0 ok[15..15] crc-bad[16..17] ok[18..18]',
        'orders-0@15',
        'commit orders/0=16 in 1',
        'corrupt: 16 to 17, position 16',
        '-> orders/0 crc-bad[16..17] ok[18..18]',
        'corrupt: 16 to 17, position 16',
        '-> orders/0 crc-bad[16..17] ok[18..18]',
        'corrupt: 16 to 17, position 16',
        'healed',
        '-> orders/0 ok[16..17] ok[18..18]',
        'orders-0@16',
        'commit orders/0=17 in 1',
        'orders-0@17',
        'orders-0@18',
        'commit orders/0=19 in 1',
      ]);
      let errors = 0;
      const read = (stream: PartitionStream): Observable<string> =>
        stream.pipe(
          ackEach(),
          map(({ offset }) => `${stream.key}@${String(offset)}`),
          catchError((error: unknown) => {
            if (!(error instanceof CorruptBatchError)) throw error;
            say(`corrupt: ${String(error.firstOffset)} to ${String(error.lastOffset)}, position ${String(stream.position)}`);
            if (++errors === 2) stream.seek({ offset: error.lastOffset + 1 });
            return timer(200, scheduler).pipe(mergeMap(() => defer(() => read(stream))));
          }),
        );
      live(
        consume({ mode: asMember(), fetch: patient, commit: { interval: 20, records: Infinity } }).pipe(
          mergeMap((stream) => merge(read(stream), NEVER)),
        ),
        '2s !',
      );
      play('1s h', {
        h: () => {
          say('healed');
          log.damage(16);
        },
      });
    }),
  );
});
