import { ignoreElements, map, mergeMap, tap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { FetchRequestAll } from '../../../src/protocol/apis/fetchAll.ts';
import { asMember, marble, ofPartitions } from '../../support/scripted/index.ts';
import { asked, delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// U:pause(all) | count F ; FindCoordinator->E ×∞

describe('sarama-paused-consumer-sends-empty-fetches', () => {
  test(
    'with everything paused and full no fetch is sent, and never one without partitions but within a session',
    marble((kit) => {
      const { scheduler, cluster, consume } = kit;
      cluster.topic('orders', 2);
      for (const partition of [0, 1]) cluster.append('orders', partition, 1, { valueBytes: 1_000 }).append('orders', partition, 1);
      const at: number[] = [];
      cluster.traffic.subscribe(({ kind, api, message }) => {
        if (kind !== 'request' || api !== 'Fetch') return;
        at.push(scheduler.now());
        const { topics, sessionId, sessionEpoch } = message as FetchRequestAll;
        expect(topics.length > 0 || (sessionId > 0 && sessionEpoch > 0)).toBe(true);
      });
      const { live } = telling(kit, 70_000, asked(cluster), ['F(orders/0@0)', 'F(orders/1@0)']);
      const work = consume({ mode: ofPartitions(2), fetch: { ...patient, maxPartitionBytes: 100 }, maxBuffered: 1_000 }).pipe(
        tap((stream) => stream.pause()),
        mergeMap((stream) => stream.pipe(ignoreElements())),
      );
      live(work, '9s !');
      scheduler.schedule(() => {
        expect(at.filter((time) => time > 100)).toEqual([]);
      }, 9_500);
    }),
  );

  test(
    'a look-up of the coordinator that fails for ever is made further and further apart, and ends with an error when the time to start is over',
    marble((kit) => {
      const { cluster, consume } = kit;
      cluster.topic('orders', 1, 1);
      cluster.inject({ api: 'FindCoordinator', kind: 'error', error: 'COORDINATOR_NOT_AVAILABLE', times: Infinity });
      const { live } = telling(kit, 100_000, cluster.sent('FindCoordinator').pipe(map(() => 'look-up')), [
        'look-up',
        'look-up',
        'look-up',
        'look-up',
        'look-up',
        'look-up',
        'error COORDINATOR_NOT_AVAILABLE',
      ]);
      const backoff = { initial: 1_000, max: 10_000, jitter: 0 };
      live(consume({ mode: asMember(), backoff, startTimeout: 30_000 }).pipe(delivered()), '90s !');
    }),
  );
});
