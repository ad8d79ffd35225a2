import { filter, map, merge, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { OffsetForLeaderEpochResponse } from '../../../src/protocol/apis/offsetForLeaderEpoch.ts';
import { marble, offsets } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// OLE->{-1,-1}

describe('franz-false-data-loss', () => {
  test.each(['earliest', 'latest', 'none'] as const)(
    'a leader that cannot tell where an epoch ended has not said that anything is lost: reading goes on where it was (%s)',
    (autoOffsetReset) => {
      marble(
        (kit) => {
          const { cluster, consume, play, told } = kit;
          cluster.topic('orders', 1, 2, { replicationFactor: 2 });
          const positioned = told('positioned').pipe(map(({ to, reason }) => `positioned at ${to}: ${reason}`));
          const answers = cluster.traffic.pipe(
            filter(({ api, kind, node }) => api === 'OffsetForLeaderEpoch' && kind === 'answer' && node === 2),
            mergeMap(({ message }) => (message as OffsetForLeaderEpochResponse).topics.flatMap(({ partitions }) => partitions)),
            map(({ leaderEpoch, endOffset }) => `epoch ${leaderEpoch} ends at ${endOffset}`),
          );
          const { live, say } = telling(kit, 5_000, merge(fetching(cluster), positioned, answers), [
            ...['positioned at 0: start', 'fetch orders/0@0 at b1', 'answer orders/0: 0..1 at b1', 'record 0', 'record 1'],
            'fetch orders/0@2 at b1',
            'the leader changes',
            'answer orders/0: FENCED_LEADER_EPOCH at b1',
            ...['fetch orders/0@2 at b2', 'answer orders/0: 2..2 at b2', 'epoch -1 ends at -1'],
            ...['fetch orders/0@2 at b2', 'answer orders/0: 2..2 at b2', 'record 2', 'fetch orders/0@3 at b2'],
          ]);
          const work = consume({ autoOffsetReset }).pipe(
            mergeMap((stream) => stream.pipe(ackEach())),
            offsets(),
            map((offset) => `record ${offset}`),
          );
          live(work, '5s !');
          play('500ms x', {
            x: () => {
              say('the leader changes');
              cluster.move('orders', 0, 2);
              cluster.append('orders', 0, 1);
              Object.assign(cluster.partition('orders', 0).log, { endOfEpoch: () => ({ epoch: -1, endOffset: -1 }) });
            },
          });
        },
        { brokers: 2, kafka: '2.1' },
      )();
    },
  );
});
