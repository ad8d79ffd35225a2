import { mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { telling } from '../telling.ts';
import { asMember, marble, offsets } from '../../support/scripted/index.ts';

// F->ok[0..2] H✓ all | OC must be 3 | restart OF->3 → no duplicate

describe('platformatic-commits-offset-not-plus-one', () => {
  test(
    'what is committed is the offset behind the last record, and the next member begins with the next record',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 3);
      const { live } = telling(kit, 500, cluster.sent('OffsetCommit'), [
        'commit orders/0=0 in 1',
        ...['0', '1', '2'],
        'commit orders/0=3 in 1',
        '3',
        'commit orders/0=4 in 3',
      ]);
      const work = consume({ mode: asMember() }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        offsets(),
      );
      live(work, '100ms !');
      live(work, '200ms ^ 200ms !');
      play('300ms w', { w: () => cluster.append('orders', 0, 1) });
    }),
  );
});
