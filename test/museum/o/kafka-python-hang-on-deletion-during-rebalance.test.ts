import { map, merge, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { refusals, telling } from '../telling.ts';
import { asMember, marble } from '../../support/scripted/index.ts';

// A{t:p0} LO->E:UNKNOWN_TOPIC ×∞

describe('kafka-python-hang-on-deletion-during-rebalance', () => {
  test(
    'a start that cannot be looked up is asked for further and further apart; the other partition is read, and the end is not held up',
    marble((kit) => {
      const { cluster, consume } = kit;
      cluster.topic('orders', 1, 1).topic('bills', 1, 1);
      cluster.inject({ api: 'ListOffsets', topic: 'orders', times: Infinity, kind: 'error', error: 'UNKNOWN_TOPIC_OR_PARTITION' });
      const refused = 'ListOffsets UNKNOWN_TOPIC_OR_PARTITION';
      const { live } = telling(kit, 10_000, merge(cluster.sent('ListOffsets', 'LeaveGroup'), refusals(cluster, 'ListOffsets')), [
        ...['listOffsets bills/0@earliest', 'listOffsets orders/0@earliest'],
        'bills-0@0',
        refused,
        ...['listOffsets orders/0@earliest', refused],
        ...['listOffsets orders/0@earliest', refused],
        ...['listOffsets orders/0@earliest', refused],
        ...['listOffsets orders/0@earliest', refused],
        ...['listOffsets orders/0@earliest', refused],
        'leave m-1',
      ]);
      const life = { mode: asMember({ topics: ['orders', 'bills'] }), startFrom: undefined };
      live(
        consume(life).pipe(
          mergeMap((stream) =>
            stream.pipe(
              ackEach(),
              map(({ offset }) => `${stream.key}@${offset}`),
            ),
          ),
        ),
        '5s !',
      );
    }),
  );
});
