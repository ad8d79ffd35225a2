import type { SchedulerAction, SchedulerLike } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { marble } from '../../support/scripted/index.ts';
import { brought, delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// any request/response on a connection | +1s | count timers

describe('kafkajs-throttle-timer-spin', () => {
  test.each([0, 300])(
    'after an answer that says it is throttled for %i ms: what is idle arms no timer but for the look that it takes once a second',
    (throttled) => {
      marble((kit) => {
        const { scheduler, cluster, consume, play, told } = kit;
        cluster.topic('orders', 1, 1);
        if (throttled > 0) cluster.inject({ api: 'Fetch', kind: 'throttle', delay: throttled });
        const armed: number[] = [];
        const counting: SchedulerLike = {
          now: () => scheduler.now(),
          schedule: <T>(work: (this: SchedulerAction<T>, state: never) => void, delay = 0, state?: T) => {
            armed.push(scheduler.now());
            return scheduler.schedule(work as (this: SchedulerAction<T>, state?: T) => void, delay, state);
          },
        };
        let told300 = 0;
        told('throttled').subscribe(({ delay }) => (told300 += delay));
        const { live } = telling(kit, 70_000, brought(cluster), [
          '-> orders/0 ok[0..0]',
          'orders-0@0',
          '-> orders/0 ok[1..1]',
          'orders-0@1',
        ]);
        live(consume({ scheduler: counting, fetch: patient }).pipe(delivered()), '60s !');
        play('20s w', { w: () => cluster.append('orders', 0, 1) });
        scheduler.schedule(() => {
          expect(told300).toBe(throttled);
          for (const second of [1, 2, 10, 19, 21, 50])
            expect(
              armed.filter((at) => at > second * 1_000 && at <= (second + 1) * 1_000).length,
              `second ${String(second)}`,
            ).toBeLessThanOrEqual(4);
        }, 65_000);
      })();
    },
  );
});
