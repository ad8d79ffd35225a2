import { filter, ignoreElements, merge, mergeMap, tap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { cooperativeSticky } from '../../../src/group/assignors/cooperativeSticky.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { sessions } from '../sessions.ts';
import { telling } from '../telling.ts';

// A{p0,p1}#1 session s1 | A{p0}#2 F(s1, forget p1) | response includes p1@old

describe('platformatic-forgotten-partition-rewinds', () => {
  test(
    'a partition that went away is forgotten in the session; what still comes of it is dropped, and when it is back it goes on where it was left',
    marble((kit) => {
      const { cluster, consume, play, told } = kit;
      cluster.topic('orders', 2, 1);
      const ofFirst = sessions(cluster).pipe(filter((line) => /forget|epoch 0/.test(line)));
      const ofSecond = fetching(cluster).pipe(filter((line) => line.startsWith('answer orders/1')));
      const { live, say } = telling(kit, 9_000, merge(ofFirst, ofSecond), [
        ...['session 0, epoch 0: orders/0@0', 'm1: 0@0', 'answer orders/1: 0..0', 'm1: 1@0'],
        'm1 gives orders-1 away',
        'orders-1 is written to',
        ...['answer orders/1: 1..1', 'session 1000001, epoch 3: forget orders/1'],
        ...['session 0, epoch 0: orders/1@1', 'answer orders/1: 1..1', 'm2: 1@1'],
        ...['orders-1 is written to', 'answer orders/1: 2..2', 'm2: 1@2'],
        ...['orders-1 is written to', 'answer orders/1: 3..3', 'm1: 1@3'],
      ]);
      const mode = asMember({ assignors: [cooperativeSticky], heartbeatInterval: 20 });
      const fetch = { minBytes: 1, maxWait: 2_000, maxBytes: 1e6, maxPartitionBytes: 1e6 };
      const member = (name: string) =>
        consume({ mode, fetch }, {}).pipe(
          mergeMap((stream) =>
            stream.pipe(
              tap(({ partition, offset }) => say(`${name}: ${partition}@${offset}`)),
              ackEach(),
            ),
          ),
          ignoreElements(),
        );
      let revoked = 0;
      told('revoked').subscribe(({ partitions }) => {
        if (partitions.length === 0 || revoked++ > 0) return;
        say('m1 gives orders-1 away');
        say('orders-1 is written to');
        cluster.append('orders', 1, 1); // its long poll asks for that partition as well
      });
      live(member('m1'), '9s !');
      live(member('m2'), '100ms ^ 5s !');
      const write = (): void => {
        say('orders-1 is written to');
        cluster.append('orders', 1, 1);
      };
      play('3s w 4s w', { w: write });
    }),
  );
});
