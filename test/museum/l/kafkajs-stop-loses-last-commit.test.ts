import { ignoreElements, mergeMap, take, tap } from 'rxjs';
import { describe, test } from 'vitest';
import { telling } from '../telling.ts';
import { asMember, marble } from '../../support/scripted/index.ts';

// F->ok[0..9] H✓(9) | unsubscribe same tick | expect OC(10) then LeaveGroup

describe('kafkajs-stop-loses-last-commit', () => {
  test(
    'what was acked in the very moment of the unsubscription is committed, and then the group is left',
    marble((kit) => {
      const { cluster, consume } = kit;
      cluster.topic('orders', 1, 10);
      const { live } = telling(kit, 1_000, cluster.sent('OffsetCommit', 'LeaveGroup'), [
        'commit orders/0=0 in 1',
        'completed',
        'commit orders/0=10 in 1',
        'leave m-1',
      ]);
      const work = consume({ mode: asMember() }).pipe(
        mergeMap((stream) => stream),
        tap((record) => record.ack()),
        take(10),
        ignoreElements(),
      );
      live(work, '1s !');
    }),
  );
});
