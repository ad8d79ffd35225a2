import { ignoreElements, map, mergeMap, tap, type Unsubscribable } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { asMember, marble } from '../../support/scripted/index.ts';
import { toTheLast } from '../kit.ts';
import { telling } from '../telling.ts';

// pause(p0) timer 10s | A{}#2 | timer fires | A{p0}#3 | expect F(p0)

describe('racecar-pause-survives-departure', () => {
  test.each([
    ['ends while the partition is away', 10_000],
    ['never ends', Infinity],
  ])('a pause that %s: when the partition is back it is fetched and delivered', (_, length) => {
    marble((kit) => {
      const { scheduler, cluster, consume, play } = kit;
      cluster.topic('orders', 1, 1);
      const { live, say } = telling(kit, 30_000, cluster.sent('LeaveGroup'), [
        'the one begins orders-0, in epoch 1',
        'pause',
        'the other: orders-0@0',
        ...(length < Infinity ? ['the pause ends'] : []),
        'leave m-2',
        'the one begins orders-0, in epoch 2',
        'the one: orders-0@1',
        'the one: orders-0@2',
      ]);
      let pause: Unsubscribable | undefined;
      const mode = asMember({ assignors: [toTheLast], heartbeatInterval: 1_000 });
      const one = consume({ mode }, {}).pipe(
        mergeMap((stream) => {
          say(`the one begins ${stream.key}, in epoch ${stream.assignmentEpoch}`);
          if (pause === undefined) {
            say('pause');
            pause = stream.pause();
            if (length < Infinity) {
              scheduler.schedule(() => {
                say('the pause ends');
                pause?.unsubscribe();
              }, length);
            }
          }
          return stream.pipe(ackEach());
        }),
        map(({ offset }) => `the one: orders-0@${offset}`),
      );
      const other = consume({ mode }, {}).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        tap(({ offset }) => say(`the other: orders-0@${offset}`)),
        ignoreElements(),
      );
      live(one, '30s !');
      live(other, '2s ^ 15s !');
      play('20s w 4999ms w', { w: () => cluster.append('orders', 0, 1) });
    })();
  });
});
