import { ignoreElements, mergeMap, tap, type Subscription } from 'rxjs';
import { describe, test } from 'vitest';
import { range } from '../../../src/group/assignors/range.ts';
import type { PartitionStream } from '../../../src/model/partitionStream.ts';
import type { KafkaRecord } from '../../../src/model/record.ts';
import { telling } from '../telling.ts';
import { asMember, codeOf, marble } from '../../support/scripted/index.ts';

// commit() unsubscribed mid-rebalance; commit() again

describe('sarama-concurrent-commit-deadlock', () => {
  test(
    'franz-commit-sync-deadlock: who no longer waits for a commit, in mid-rebalance, holds neither the next one up nor the rebalance',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 2, 1);
      cluster.inject({ api: 'OffsetCommit', kind: 'latency', delay: 30, times: 2 });
      const { live, say } = telling(kit, 1_000, cluster.sent('OffsetCommit', 'SyncGroup', 'LeaveGroup'), [
        'sync m-1 in 1',
        ...['orders-0 ends', 'orders-1 ends'],
        'commit orders/0=1 in 1',
        'the first commit is waited for no longer',
        'the second commit completes',
        'the third commit completes',
        'ack',
        'sync m-1 in 2',
        'leave m-1',
      ]);
      const streams: PartitionStream[] = [];
      const taken: KafkaRecord[] = [];
      const work = consume({ mode: asMember({ assignors: [range], heartbeatInterval: 20 }), commit: false }).pipe(
        tap((stream) => streams.push(stream)),
        mergeMap((stream) => stream.pipe(tap({ next: (record) => taken.push(record), complete: () => say(`${stream.key} ends`) }))),
        ignoreElements(),
      );
      const commit = (name: string, stream?: PartitionStream): Subscription | undefined =>
        stream?.commit().subscribe({
          complete: () => say(`the ${name} commit completes`),
          error: (error: unknown) => say(`the ${name} commit fails: ${String(codeOf(error))}`),
        });
      let first: Subscription | undefined;
      live(work, '500ms !');
      //    the rebalance; both streams end, and orders-1 keeps it waiting
      play('20ms r 39ms a b 19ms u c 99ms d', {
        r: () => cluster.apply({ kind: 'rebalance' }),
        a: () => {
          taken[0]?.ack();
          first = commit('first', streams[0]);
        },
        b: () => commit('second', streams[0]),
        u: () => {
          say('the first commit is waited for no longer');
          first?.unsubscribe();
        },
        c: () => commit('third', streams[0]),
        d: () => {
          say('ack');
          taken[1]?.ack();
        },
      });
    }),
  );
});
