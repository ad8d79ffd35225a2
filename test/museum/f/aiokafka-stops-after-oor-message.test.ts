import { filter, map, merge, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { marble, NEVER_ANSWERED, offsets } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { refusals, telling } from '../telling.ts';

// F->E:OOR LO->hang or E

describe('aiokafka-stops-after-oor-message', () => {
  test(
    'the look-up after an offset that is out of range has a deadline, and is made again until it is answered',
    marble((kit) => {
      const { cluster, consume, told } = kit;
      cluster.topic('orders', 1, 100).append('orders', 0, 1);
      cluster.apply({ kind: 'deleteRecords', topic: 'orders', partition: 0, before: 100 });
      cluster.fail('ListOffsets', NEVER_ANSWERED);
      cluster.inject({ api: 'ListOffsets', topic: 'orders', partition: 0, kind: 'error', error: 'LEADER_NOT_AVAILABLE' });
      const retries = told('retryScheduled').pipe(
        filter(({ api }) => api === 'ListOffsets'),
        map(({ error }) => `it will be asked again: ${error.name}`),
      );
      const { live } = telling(
        kit,
        30_000,
        merge(fetching(cluster), cluster.sent('ListOffsets'), refusals(cluster, 'ListOffsets'), retries),
        [
          'fetch orders/0@50',
          'answer orders/0: OFFSET_OUT_OF_RANGE',
          'listOffsets orders/0@earliest',
          'it will be asked again: RequestTimeoutError',
          'listOffsets orders/0@earliest',
          'ListOffsets LEADER_NOT_AVAILABLE',
          'it will be asked again: BrokerError',
          'listOffsets orders/0@earliest',
          'fetch orders/0@100',
          'answer orders/0: 100..100',
          'record 100',
          'fetch orders/0@101',
        ],
      );
      const work = consume({ startFrom: { offset: 50 }, requestTimeout: 2_000 }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        offsets(),
        map((offset) => `record ${offset}`),
      );
      live(work, '30s !');
    }),
  );
});
