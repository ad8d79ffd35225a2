import { filter, map, merge, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { asMember, marble, offsets, RESET } from '../../support/scripted/index.ts';
import { telling } from '../telling.ts';

// OF->RST, OF->RST, OF->RST

describe('librdkafka-reset-on-temporary-error', () => {
  test(
    'connections that break while the committed offset is asked for are no answer: it is asked for until there is one, and nothing is reset',
    marble((kit) => {
      const { cluster, consume, told } = kit;
      cluster.topic('orders', 1, 52).apply({ kind: 'commit', groupId: 'g', topic: 'orders', partition: 0, offset: 50 });
      cluster.fail('OffsetFetch', RESET, { times: 3 });
      const positioned = told('positioned').pipe(map(({ to, reason }) => `positioned at ${to}: ${reason}`));
      const retries = told('retryScheduled').pipe(
        filter(({ api }) => api === 'OffsetFetch'),
        map(({ error }) => error.name),
      );
      const { live } = telling(kit, 30_000, merge(cluster.sent('OffsetFetch', 'ListOffsets'), retries, positioned), [
        ...[
          'offsetFetch orders/0',
          'ConnectionError',
          'offsetFetch orders/0',
          'ConnectionError',
          'offsetFetch orders/0',
          'ConnectionError',
        ],
        'offsetFetch orders/0',
        'positioned at 50: committed',
        ...['record 50', 'record 51'],
      ]);
      const work = consume({ mode: asMember(), startFrom: 'latest', autoOffsetReset: 'latest' }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        offsets(),
        map((offset) => `record ${offset}`),
      );
      live(work, '30s !');
    }),
  );
});
