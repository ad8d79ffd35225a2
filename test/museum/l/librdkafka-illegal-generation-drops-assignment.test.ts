import { filter, ignoreElements, map, merge, mergeMap, tap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { cooperativeSticky } from '../../../src/group/assignors/cooperativeSticky.ts';
import type { KafkaRecord } from '../../../src/model/record.ts';
import { asMember, marble, type Marble } from '../../support/scripted/index.ts';
import { refusals, telling } from '../telling.ts';

// J#2 (second join bumps gen) ‖ OC(gen1)->E:ILLEGAL_GENERATION

function member(heartbeatInterval: number): Parameters<Marble['consume']>[0] {
  return { mode: asMember({ assignors: [cooperativeSticky], heartbeatInterval }), commit: { interval: 50, records: Infinity } };
}

describe('librdkafka-illegal-generation-drops-assignment', () => {
  test(
    'a commit of the generation before, refused when the next one has begun: nothing is lost, and it is made again under the present one',
    marble((kit) => {
      const { cluster, consume, play, told } = kit;
      cluster.topic('orders', 2, 1);
      const happened = merge(told('lost'), told('revoked')).pipe(map(({ kind }) => kind));
      const commits = merge(cluster.sent('OffsetCommit'), refusals(cluster, 'OffsetCommit')).pipe(
        filter((line) => !line.includes('orders/1')),
      );
      const { live, say } = telling(kit, 3_700, merge(happened, commits, cluster.sent('SyncGroup')), [
        'sync m-1 in 1',
        'commit orders/0=0 in 1',
        'orders-0@0 in epoch 1',
        ...['sync m-1 in 2', 'sync m-2 in 2', 'revoked', 'sync m-2 in 3', 'sync m-1 in 3'],
        'orders-0@1 in epoch 1',
        'rebalance',
        'ack',
        'commit orders/0=2 in 3',
        ...['sync m-2 in 4', 'sync m-1 in 4'],
        'OffsetCommit ILLEGAL_GENERATION',
        'commit orders/0=2 in 4',
        'orders-0@2 in epoch 1',
        'commit orders/0=3 in 4',
      ]);
      let working: KafkaRecord | undefined;
      const one = consume(member(20), {}).pipe(
        mergeMap((stream) =>
          stream.pipe(
            tap((record) => {
              if (stream.partition === 0) say(`${stream.key}@${record.offset} in epoch ${stream.assignmentEpoch}`);
              if (record.offset === 1) working = record;
              else record.ack();
            }),
          ),
        ),
        ignoreElements(),
      );
      const two = consume(member(1_000), {}).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        ignoreElements(),
      );
      live(one, '3900ms !');
      live(two, '100ms ^ 3700ms !');
      // The join of the one is parked until the other notices; meanwhile it commits, and is answered after that.
      play('1300ms w 199ms r 99ms a 100ms x 1500ms w', {
        w: () => cluster.append('orders', 0, 1),
        r: () => {
          say('rebalance');
          cluster.apply({ kind: 'rebalance' });
        },
        a: () => {
          cluster.fail('OffsetCommit', 'ILLEGAL_GENERATION');
          cluster.latency = 1_000;
          say('ack');
          working?.ack();
        },
        x: () => (cluster.latency = 1),
      });
    }),
  );
});
