import { ignoreElements, map, mergeMap, Subject } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { telling } from '../telling.ts';
import { asMember, marble } from '../../support/scripted/index.ts';

// all brokers hang | unsubscribe | +closeBudget

describe('close-with-all-brokers-down', () => {
  const ways = { 'do not answer': 'freeze', 'are gone': 'down' } as const;
  test.each(Object.keys(ways) as (keyof typeof ways)[])(
    'all brokers %s: the end takes no longer than closeTimeout, and a moment for the good-bye',
    (way) => {
      marble((kit) => {
        const { cluster, consume, play, told } = kit;
        cluster.topic('orders', 2, 3);
        const { live, say } = telling(
          kit,
          60_000,
          told('closed').pipe(map(({ at, how, uncommitted }) => `closed ${how} at ${at}, ${uncommitted} uncommitted`)),
          ['until', 'closed drained at 4000, 2 uncommitted', 'error COMMIT_FAILED', 'closed unsubscribed at 4100, 2 uncommitted'],
        );
        const until = new Subject<void>();
        const life = (groupId: string) => ({ mode: asMember({ groupId }), closeTimeout: 2_000 });
        live(
          consume({ ...life('g'), until }).pipe(
            mergeMap((stream) => stream.pipe(ackEach())),
            ignoreElements(),
          ),
          '50s !',
        );
        live(
          consume(life('h')).pipe(
            mergeMap((stream) => stream.pipe(ackEach())),
            ignoreElements(),
          ),
          '1100ms !',
        );
        play('200ms x 799ms u', {
          x: () => {
            for (const node of [1, 2]) cluster.apply({ kind: ways[way], node });
          },
          u: () => {
            say('until');
            until.next();
          },
        });
      }, 2)();
    },
  );
});
