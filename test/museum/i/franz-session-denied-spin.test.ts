import { map, mergeMap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { ackEach } from '../../../operators/index.ts';
import type { FetchResponse } from '../../../src/protocol/apis/fetch.ts';
import { marble, offsets } from '../../support/scripted/index.ts';
import { sessions } from '../sessions.ts';
import { telling } from '../telling.ts';

// F(full,session new)->sessionId 0, none | F(incremental, no partitions)->none …

describe('franz-session-denied-spin', () => {
  test(
    'a broker that has no session for us: every request says all that it wants, each is a long poll, and records flow',
    marble((kit) => {
      const { cluster, consume, play } = kit;
      cluster.topic('orders', 1, 1);
      Object.assign(cluster.model.settings, { fetchSessionSlots: 0 });
      const { live, say } = telling(kit, 2_300, sessions(cluster), [
        ...['session 0, epoch 0: orders/0@0', 'record 0'],
        ...['session 0, epoch 0: orders/0@1', 'session 0, epoch 0: orders/0@1', 'session 0, epoch 0: orders/0@1'],
        ...['record 1', 'session 0, epoch 0: orders/0@2'],
        'there is room for it now',
        ...['session 1000001, epoch 1: as before', 'session 1000001, epoch 2: as before'],
      ]);
      cluster.traffic.subscribe(({ api, kind, message }) => {
        if (api === 'Fetch' && kind === 'answer' && cluster.model.settings.fetchSessionSlots === 0)
          expect((message as FetchResponse).sessionId).toBe(0);
      });
      const work = consume().pipe(
        mergeMap((stream) => stream.pipe(ackEach())),
        offsets(),
        map((offset) => `record ${offset}`),
      );
      live(work, '2300ms !');
      play('1100ms w 199ms s', {
        w: () => cluster.append('orders', 0, 1),
        s: () => {
          say('there is room for it now');
          Object.assign(cluster.model.settings, { fetchSessionSlots: 10 });
        },
      });
    }),
  );
});
