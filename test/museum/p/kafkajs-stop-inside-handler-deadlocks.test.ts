import { map, mergeMap, NEVER, Subject, take } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach, processRecords } from '../../../operators/index.ts';
import { telling } from '../telling.ts';
import { asMember, marble } from '../../support/scripted/index.ts';

// H(0): await close() ; H(0) never settles; unsubscribe

describe('kafkajs-stop-inside-handler-deadlocks', () => {
  test(
    'a stop from inside of the handler: its record is acked and committed, and the consumer ends',
    marble((kit) => {
      const { cluster, consume } = kit;
      cluster.topic('orders', 1, 3);
      const { live, say } = telling(kit, 1_000, cluster.sent('OffsetCommit', 'LeaveGroup'), [
        'commit orders/0=0 in 1',
        'handles 0',
        'commit orders/0=1 in 1',
        'leave m-1',
        'completed',
      ]);
      const until = new Subject<void>();
      const work = consume({ mode: asMember(), until }).pipe(
        processRecords(({ offset }) => {
          say(`handles ${offset}`);
          until.next();
        }),
      );
      live(work, '1s !');
    }),
  );

  test(
    'take(1) below the handler ends it as well',
    marble((kit) => {
      const { cluster, consume } = kit;
      cluster.topic('orders', 1, 3);
      const { live } = telling(kit, 1_000, cluster.sent('OffsetCommit', 'LeaveGroup'), [
        'commit orders/0=0 in 1',
        '0',
        'completed',
        'commit orders/0=1 in 1',
        'leave m-1',
      ]);
      live(
        consume({ mode: asMember() }).pipe(
          mergeMap((stream) => stream.pipe(ackEach())),
          take(1),
          map(({ offset }) => `${offset}`),
        ),
        '1s !',
      );
    }),
  );

  test(
    'a handler that never settles delays a stop by drainTimeout, and an unsubscription not at all',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 3);
      const { live, say } = telling(kit, 2_000, cluster.sent('OffsetCommit', 'LeaveGroup'), [
        ...['commit orders/0=0 in 1', 'commit orders/0=0 in 1'],
        ...['the one handles 0', 'the other handles 0'],
        'until',
        'the time is up',
        'leave m-1',
        'the one is told that it is over',
        'error DRAIN_TIMED_OUT',
        'the other is told that it is over',
        'leave m-2',
      ]);
      const until = new Subject<void>();
      const stuck = (who: string) =>
        processRecords(({ offset }: { readonly offset: number }, { signal }) => {
          say(`${who} handles ${offset}`);
          signal.addEventListener('abort', () => say(`${who} is told that it is over`));
          return NEVER;
        });
      live(consume({ mode: asMember(), until, drainTimeout: 100 }, {}).pipe(stuck('the one')), '2s !');
      live(consume({ mode: asMember({ groupId: 'h' }) }, {}).pipe(stuck('the other')), '1s !');
      play('500ms u 99ms t', {
        u: () => {
          say('until');
          until.next();
        },
        t: () => say('the time is up'),
      });
    }),
  );
});
