import { filter, map, merge } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { asMember, marble } from '../../support/scripted/index.ts';
import { delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// maxWait=30s, timeout=30s; F->none at 30.0s

describe('kafkajs-fetch-timeout-shorter-than-maxwait', () => {
  test(
    'a poll that lasts as long as an answer may take is no time-out; no more than one is under way on a connection, and nothing else is behind it',
    marble((kit) => {
      const { cluster, consume, told } = kit;
      cluster.topic('orders', 1, 1);
      const polls = new Map<number, number>();
      const heartbeats: number[] = [];
      cluster.traffic.subscribe(({ kind, api, connection, at }) => {
        if (api === 'Heartbeat') heartbeats.push(kind === 'request' ? -at : at);
        if (api !== 'Fetch') return;
        polls.set(connection, (polls.get(connection) ?? 0) + (kind === 'request' ? 1 : -1));
        expect(polls.get(connection)).toBeLessThanOrEqual(1);
      });
      const troubles = merge(told('retryScheduled'), told('disconnected').pipe(filter(({ error }) => error !== undefined)));
      const polled = cluster.sent('Fetch').pipe(map(() => 'poll'));
      const { live } = telling(kit, 100_000, merge(polled, troubles.pipe(map(({ kind }) => kind))), [
        'poll',
        'orders-0@0',
        '11 poll',
        '30012 poll',
        '60013 poll',
        '90014 poll',
      ]);
      live(consume({ mode: asMember(), fetch: { ...patient, maxWait: 30_000 }, requestTimeout: 30_000 }).pipe(delivered()), '95s !');
      kit.scheduler.schedule(() => {
        expect(heartbeats.length).toBeGreaterThan(60);
        for (let each = 0; each < heartbeats.length; each += 2) expect((heartbeats[each] ?? 0) + (heartbeats[each + 1] ?? 0)).toBe(1);
      }, 96_000);
    }),
  );
});
