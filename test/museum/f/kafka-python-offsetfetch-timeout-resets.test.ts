import { filter, map, merge, mergeMap } from 'rxjs';
import { describe, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import { asMember, marble, NEVER_ANSWERED, offsets } from '../../support/scripted/index.ts';
import { telling } from '../telling.ts';

// A{p0}#1 OF->hang +timeout | expect no LO, OF again

describe('kafka-python-offsetfetch-timeout-resets', () => {
  test(
    'a time-out is not “nothing is committed”: no place in the log is looked up, and the committed offset is asked for again',
    marble((kit) => {
      const { cluster, consume, told } = kit;
      cluster.topic('orders', 1, 52).apply({ kind: 'commit', groupId: 'g', topic: 'orders', partition: 0, offset: 50 });
      cluster.fail('OffsetFetch', NEVER_ANSWERED);
      const positioned = told('positioned').pipe(map(({ to, reason }) => `positioned at ${to}: ${reason}`));
      const retries = told('retryScheduled').pipe(
        filter(({ api }) => api === 'OffsetFetch'),
        map(({ error }) => error.name),
      );
      const { live } = telling(kit, 30_000, merge(cluster.sent('OffsetFetch', 'ListOffsets'), positioned, retries), [
        'offsetFetch orders/0',
        'RequestTimeoutError',
        'offsetFetch orders/0',
        'positioned at 50: committed',
        ...['record 50', 'record 51'],
      ]);
      const work = consume({ mode: asMember(), startFrom: 'latest', autoOffsetReset: 'latest', requestTimeout: 2_000 }).pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        offsets(),
        map((offset) => `record ${offset}`),
      );
      live(work, '30s !');
    }),
  );
});
