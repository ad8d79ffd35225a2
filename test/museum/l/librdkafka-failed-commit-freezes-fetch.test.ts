import { map, merge, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { refusals, telling } from '../telling.ts';
import { asMember, marble } from '../../support/scripted/index.ts';

// A{p0}#1 OC in flight | A{p0}#2 | OC->E | expect F(p0)

/** Nothing is known to be committed: what was delivered is delivered again. */
const repeated = ['sync m-1 in 2', 'fetch orders/0@0', 'orders-0@0 in epoch 2', 'orders-0@1 in epoch 2'];
/** The commit is made again before the hand-over ends. */
const committedLater = ['commit orders/0=2 in 1', 'sync m-1 in 2', 'fetch orders/0@2'];

describe('librdkafka-failed-commit-freezes-fetch', () => {
  test.each([
    ['ILLEGAL_GENERATION', repeated],
    ['REBALANCE_IN_PROGRESS', committedLater],
    ['NOT_COORDINATOR', committedLater],
    ['TOPIC_AUTHORIZATION_FAILED', repeated],
  ])('a commit that fails with %s during a rebalance: the partition is fetched and delivered on in the next generation', (error, after) => {
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 2);
      cluster.inject({ api: 'OffsetCommit', after: 1, kind: 'error', error, ...(error.startsWith('TOPIC') && { topic: 'orders' }) });
      const { live } = telling(kit, 1_100, merge(cluster.sent('OffsetCommit', 'SyncGroup', 'Fetch'), refusals(cluster, 'OffsetCommit')), [
        'sync m-1 in 1',
        'commit orders/0=0 in 1',
        'fetch orders/0@0',
        ...['orders-0@0 in epoch 1', 'orders-0@1 in epoch 1'],
        'fetch orders/0@2',
        'commit orders/0=2 in 1',
        `OffsetCommit ${error}`,
        ...after,
        'orders-0@2 in epoch 2',
        'fetch orders/0@3',
        'commit orders/0=3 in 2',
      ]);
      const work = consume({
        mode: asMember({ assignors: [range], heartbeatInterval: 20 }),
        fetch: { minBytes: 1, maxWait: 5_000, maxBytes: 1e6, maxPartitionBytes: 1e6 },
      }).pipe(
        mergeMap((stream) =>
          stream.pipe(
            ackEach(),
            map(({ offset }) => `${stream.key}@${offset} in epoch ${stream.assignmentEpoch}`),
          ),
        ),
      );
      live(work, '1s !');
      play('20ms r 479ms w', { r: () => cluster.apply({ kind: 'rebalance' }), w: () => cluster.append('orders', 0, 1) });
    })();
  });
});
