import { EMPTY } from 'rxjs';
import { describe, test } from 'vitest';
import { asMember, marble } from '../../support/scripted/index.ts';
import { delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// connect->ECONNREFUSED … | FindCoordinator->E:COORDINATOR_NOT_AVAILABLE …

describe('kafka-python-brokers-down-tight-poll', () => {
  const ways = [
    ['Connect', 'CONNECTION_FAILED', 'Bootstrap'],
    ['FindCoordinator', 'COORDINATOR_NOT_AVAILABLE', 'FindCoordinator'],
    ['JoinGroup', 'COORDINATOR_LOAD_IN_PROGRESS', 'JoinGroup'],
    ['Fetch', 'UNKNOWN_SERVER_ERROR', 'Fetch'],
  ] as const;
  test.each(ways)(
    '%s that ends with %s: each next attempt is further from the one before, up to the longest back-off',
    (api, error, sent) => {
      marble((kit) => {
        const { scheduler, cluster, consume } = kit;
        cluster.topic('orders', 1, 1);
        cluster.inject({ api, kind: 'error', error, times: 6 });
        const at: number[] = [];
        cluster.sent(sent).subscribe(() => at.push(scheduler.now()));
        const gaps = (): readonly number[] => at.slice(1, 7).map((time, index) => time - (at[index] ?? 0));
        const { live, say } = telling(kit, 10_000, EMPTY, ['orders-0@0', 'gaps: 101 201 401 801 801 801']);
        // The answer takes a millisecond.
        const backoff = { initial: 100, max: 800, jitter: 0 };
        live(consume({ mode: asMember(), fetch: patient, backoff, startTimeout: 0 }).pipe(delivered()), '9s !');
        scheduler.schedule(() => say(`gaps: ${gaps().map(String).join(' ')}`), 8_000);
      })();
    },
  );
});
