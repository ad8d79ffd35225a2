import { ignoreElements, map, mergeMap, take, type Observable } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import { telling } from '../telling.ts';
import { asMember, marble, ofPartitions, RESET } from '../../support/scripted/index.ts';

// F->ok[0..4] demand=1 H(0) running | autocommit tick | crash | OF must be 0

describe('java-autocommit-of-prefetched', () => {
  test(
    'a record that is being worked on is not committed, nor what was fetched behind it: after a crash all of them are there again',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 2, 5);
      const { live, say } = telling(kit, 6_200, cluster.sent('Fetch', 'OffsetCommit'), [
        'commit orders/0=0 in 1',
        'fetch orders/0@0',
        'commit orders/1=0 in 1',
        'orders-0@0',
        'fetch orders/0@5 orders/1@0',
        'fetch orders/0@5 orders/1@5',
        'commit orders/1=5 in 1',
        'crash',
        'fetch orders/0@0',
        ...['orders-0@0', 'orders-0@1'],
      ]);

      // orders-1 is worked off, so that the tick is seen to come; orders-0 is at its first record.
      const work = (stream: PartitionStream): Observable<string> =>
        stream.partition === 0 ? lineOf(stream) : stream.pipe(ackEach(), ignoreElements());
      const one = consume({ mode: asMember(), commit: { interval: 50, records: Infinity }, window: { records: 1, bytes: 1e6 } }, {});
      live(one.pipe(mergeMap(work)), '150ms !');
      play('149ms x', {
        // A process that dies says nothing more: neither a last commit nor its good-bye arrive.
        x: () => {
          say('crash');
          for (const api of ['OffsetCommit', 'LeaveGroup']) cluster.fail(api, RESET, { times: 99 });
        },
      });
      const next = consume({ mode: ofPartitions(1, 'g'), commit: false }, {}).pipe(mergeMap((stream) => lineOf(stream).pipe(take(2))));
      live(next, '6s ^ 100ms !');
    }),
  );
});

function lineOf(stream: PartitionStream): Observable<string> {
  return stream.pipe(map(({ offset }) => `${stream.key}@${offset}`));
}
