import { filter, map, merge, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { FetchResponse } from '../../../src/protocol/apis/fetch.ts';
import { marble, offsets } from '../../support/scripted/index.ts';
import { fetching } from '../fetching.ts';
import { telling } from '../telling.ts';

// F(@50)->E:OOR{logStart:-1,hw:-1} | expect LO

describe('platformatic-oor-destroys-then-minus-one', () => {
  test(
    'what stands beside the error says nothing: where the log begins is asked for, and no -1 becomes a position',
    marble((kit) => {
      const { cluster, consume, told } = kit;
      cluster.topic('orders', 1, 100).append('orders', 0, 2);
      cluster.apply({ kind: 'deleteRecords', topic: 'orders', partition: 0, before: 100 });
      const beside = cluster.traffic.pipe(
        filter(({ api, kind }) => api === 'Fetch' && kind === 'answer'),
        map(({ message }) => (message as FetchResponse).responses[0]?.partitions[0]),
        filter((answer) => answer?.errorCode === 1),
        map((answer) => `beside it: start ${answer?.logStartOffset}, end ${answer?.highWatermark}`),
      );
      const positioned = told('positioned').pipe(map(({ from = 'nowhere', to, reason }) => `positioned from ${from} to ${to}: ${reason}`));
      const lists = cluster.sent('ListOffsets').pipe(filter((line) => line.endsWith('earliest')));
      const { live } = telling(kit, 2_000, merge(fetching(cluster), beside, lists, positioned), [
        'positioned from nowhere to 50: start',
        'fetch orders/0@50',
        'answer orders/0: OFFSET_OUT_OF_RANGE',
        'beside it: start -1, end -1',
        'listOffsets orders/0@earliest',
        'positioned from 50 to 100: reset',
        'fetch orders/0@100',
        'answer orders/0: 100..101',
        ...['record 100', 'record 101'],
        'fetch orders/0@102',
      ]);
      const work = consume({ startFrom: { offset: 50 } }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        offsets(),
        map((offset) => `record ${offset}`),
      );
      live(work, '2s !');
    }),
  );
});
