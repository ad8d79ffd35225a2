import { map, merge, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { telling } from '../telling.ts';
import { marble, RESET } from '../../support/scripted/index.ts';

// unsubscribe while M retry timer armed; close() while F response lands

describe('platformatic-errors-outside-any-callback', () => {
  test(
    'an unsubscription while the next look-up is timed: the timer is taken back, and nothing throws later',
    marble((kit) => {
      const { cluster, consume, told } = kit;
      cluster.topic('orders', 1, 1);
      cluster.fail('Metadata', RESET, { times: 99 });
      const due = told('retryScheduled').pipe(map(({ api, at, delay }) => `${api} again at ${at + delay}`));
      const { live } = telling(kit, 5_000, merge(cluster.sent('Metadata'), due), [
        'metadata',
        'Metadata again at 102',
        'metadata',
        'Metadata again at 304',
      ]);
      live(
        consume().pipe(
          mergeMap((stream) => stream.pipe(ackEach())),
          map(({ offset }) => `${offset}`),
        ),
        '150ms !',
      );
    }),
  );

  test(
    'an unsubscription in the frame in which an answer lands, before it, after it and inside of its records',
    marble((kit) => {
      const { cluster, consume } = kit;
      cluster.topic('orders', 1, 5);
      const { live } = telling(kit, 100, cluster.sent('Fetch'), [
        ...['fetch orders/0@0', 'fetch orders/0@0'],
        ...['one 0', 'one 1', 'one 2', 'one 3', 'one 4'],
        'fetch orders/0@5',
      ]);
      live(
        consume({}, {}).pipe(
          mergeMap((stream) => stream.pipe(ackEach())),
          map(({ offset }) => `one ${offset}`),
        ),
        '-----!',
      );
      live(
        consume({}, {}).pipe(
          mergeMap((stream) => stream.pipe(ackEach())),
          map(({ offset }) => `two ${offset}`),
        ),
        '----!',
      );
    }),
  );

  test(
    'an error that is none of ours is an error notification: a throw inside of the user’s own startFrom',
    marble((kit) => {
      const { cluster, consume } = kit;
      cluster.topic('orders', 1, 1);
      const { live } = telling(kit, 100, cluster.sent('Fetch'), ['error TypeError: no such thing']);
      const startFrom = (): never => {
        throw new TypeError('no such thing');
      };
      live(
        consume({ startFrom }).pipe(
          mergeMap((stream) => stream.pipe(ackEach())),
          map(({ offset }) => `${offset}`),
        ),
        '90ms !',
      );
    }),
  );
});
