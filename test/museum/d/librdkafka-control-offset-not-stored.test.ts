import { merge, mergeMap, tap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import { asMember, marble, offsets } from '../../support/scripted/index.ts';
import { brought, patient } from '../script.ts';
import { telling } from '../telling.ts';

// F->ok[0..3]+ctl[4] idle | expect commit 5

describe('librdkafka-control-offset-not-stored', () => {
  test(
    'a marker that comes alone, when everything before it is done and committed, is committed by itself: nothing looks behind',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 4);
      const streams: PartitionStream[] = [];
      const { live } = telling(kit, 4_000, merge(cluster.sent('OffsetCommit'), brought(cluster)), [
        'commit orders/0=0 in 1',
        '-> orders/0 ok[0..3]',
        '0',
        '1',
        '2',
        '3',
        'commit orders/0=4 in 1',
        '-> orders/0 ctl[4]',
        'commit orders/0=5 in 1',
      ]);
      const work = consume({ mode: asMember(), fetch: patient, commit: { interval: 50, records: Infinity } }).pipe(
        tap((stream) => streams.push(stream)),
        mergeMap((stream) => stream.pipe(ackEach())),
        offsets(),
      );
      live(work, '3s !');
      play('500ms m 2s l', {
        m: () => cluster.apply({ kind: 'transaction', topic: 'orders', partition: 0, records: 0, ends: 'commit', producerId: 7 }),
        l: () => expect(streams.map(({ lag, committed }) => ({ lag, committed }))).toEqual([{ lag: 0, committed: 5 }]),
      });
    }),
  );
});
