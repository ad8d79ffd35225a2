import { map, merge, mergeMap, skipUntil, take, takeUntil, timer } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { telling } from '../telling.ts';
import { asMember, marble } from '../../support/scripted/index.ts';

// M retry pending | unsubscribe | +backoff | expect no connect

describe('kafkajs-connection-resurrected-after-disconnect', () => {
  test(
    'who is to be asked again when the back-off is over is not connected to after the unsubscription',
    marble((kit) => {
      const { cluster, consume, play, told } = kit;
      cluster.topic('orders', 1, 1);
      const due = told('retryScheduled').pipe(map(({ api, at, delay }) => `${api} again at ${at + delay}`));
      const { live, say } = telling(kit, 60_000, merge(cluster.sent('Connect', 'Bootstrap', 'Metadata'), due), [
        ...['bootstrap', 'metadata', 'connect', '0'],
        ...['Fetch again at 200', 'connect', 'bootstrap', 'Fetch again at 404', 'Metadata again at 304', 'connect', 'Fetch again at 805'],
        'all is well again',
      ]);
      live(
        consume().pipe(
          mergeMap((stream) => stream.pipe(ackEach())),
          map(({ offset }) => `${offset}`),
        ),
        '700ms !',
      );
      play('100ms x 599ms y', {
        x: () => {
          cluster.refuse(1);
          cluster.cut(1);
        },
        y: () => {
          say('all is well again');
          cluster.accept(1);
        },
      });
    }),
  );

  test(
    'the last commit and the good-bye are tried again until closeTimeout is over: nobody is connected to after that',
    marble((kit) => {
      const { cluster, consume, play, told } = kit;
      cluster.topic('orders', 1, 1);
      const closed = told('closed').pipe(map(({ how, uncommitted }) => `closed: ${how}, ${uncommitted} uncommitted`));
      const connects = cluster.sent('Bootstrap', 'Connect').pipe(map(() => 'connect'));
      const during = connects.pipe(skipUntil(timer(800)), take(1), takeUntil(told('closed')));
      const after = connects.pipe(skipUntil(told('closed')));
      const { live, say } = telling(kit, 60_000, merge(during, closed, after), [
        'orders-0@0',
        'all is down',
        'connect',
        'closed: unsubscribed, 1 uncommitted',
        'all is well again',
      ]);
      const work = consume({ mode: asMember(), closeTimeout: 2_000 }).pipe(
        mergeMap((stream) =>
          stream.pipe(
            ackEach(),
            map(({ offset }) => `${stream.key}@${offset}`),
          ),
        ),
      );
      live(work, '700ms !');
      play('100ms x 4s y', {
        x: () => {
          say('all is down');
          cluster.refuse(1);
          cluster.cut(1);
        },
        y: () => {
          say('all is well again');
          cluster.accept(1);
        },
      });
    }),
  );
});
