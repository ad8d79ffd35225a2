import { ignoreElements, merge, mergeMap, tap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import { refusals, telling } from '../telling.ts';
import { codeOf, marble, ofPartitions } from '../../support/scripted/index.ts';

// commit(X) in flight; commit(Y) queued | OC(X)->E retriable | OC(X,Y)->ok | both must complete

describe('reactor-commit-callback-overwritten', () => {
  test(
    'whoever waits for a commit hears of its end, once, also where one that failed is made again for several',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 2, 1);
      cluster.fail('OffsetCommit', 'COORDINATOR_LOAD_IN_PROGRESS', { times: 2 });
      const { live, say } = telling(kit, 1_000, merge(cluster.sent('OffsetCommit'), refusals(cluster, 'OffsetCommit')), [
        'commit orders/0=1',
        'OffsetCommit COORDINATOR_LOAD_IN_PROGRESS',
        'commit orders/0=1',
        'OffsetCommit COORDINATOR_LOAD_IN_PROGRESS',
        'commit orders/0=1',
        'commit() of orders-0 completes',
        'commit orders/1=1',
        'commit() of orders-1 completes',
      ]);
      const streams: PartitionStream[] = [];
      const work = consume({ mode: ofPartitions(2, 'g'), commit: false }).pipe(
        tap((stream) => streams.push(stream)),
        mergeMap((stream) => stream.pipe(ackEach())),
        ignoreElements(),
      );
      const commit = (partition: number): void => {
        streams[partition]?.commit().subscribe({
          complete: () => say(`commit() of orders-${partition} completes`),
          error: (error: unknown) => say(`commit() of orders-${partition} fails: ${String(codeOf(error))}`),
        });
      };
      live(work, '1s !');
      play('50ms (xy)', { x: () => commit(0), y: () => commit(1) });
    }),
  );
});
