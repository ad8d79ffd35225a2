import { ignoreElements, mergeAll, Subject, take, tap, timer } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { test } from 'vitest';
import { marble, RESET } from '../test/support/scripted/index.ts';
import type { Marble } from '../test/support/scripted/marble.ts';
import type { Overrides } from '../test/support/scripted/settings.ts';

test('a broker that goes and comes back ten times leaves nothing behind that goes on', marble((kit) => {
  come(kit, 10);
}, 2));

test('nor does one that goes while its partitions back off', marble((kit) => {
  kit.cluster.fail('Fetch', 'REQUEST_TIMED_OUT', { times: 999, node: 1 });
  come(kit, 10);
}, 2));

test('nor while they look for their beginnings', marble((kit) => {
  kit.cluster.fail('ListOffsets', RESET, { times: 999, node: 1 });
  come(kit, 10, { startFrom: 'earliest', backoff: { initial: 100, max: 100, jitter: 0.2 } });
}, 2));

/** At the end no more timers are armed than after the first time. */
function come({ scheduler, cluster, consume, expectObservable }: Marble, times: number, overrides: Overrides = {}): void {
  cluster.topic('orders', 1, 1);
  const seen = new Subject<string>();
  let first: number | undefined;
  const same = '10s s';       // every 500 ms it goes or comes
  const stop = '12s !';
  const look = (): void => {
    const now = armed(scheduler);
    if (first !== undefined) seen.next(now <= first ? 'no more timers' : `${String(now)} timers instead of ${String(first)}`);
    first = now;
  };
  expectObservable(seen, stop).toBe(same, { s: 'no more timers' });
  expectObservable(consume({ metadataMaxAge: 50, ...overrides }).pipe(mergeAll(), ignoreElements()), stop).toBe('');
  const turns = timer(500, 500, scheduler).pipe(
    take(2 * times + 3),
    tap((turn) => {
      if (turn === 1 || turn === 2 * times - 1) look();
      cluster.apply({ kind: turn % 2 === 0 ? 'down' : 'up', node: 1 });
    }),
    ignoreElements(),
  );
  expectObservable(turns, stop).toBe('11500ms |');
}

function armed({ actions }: TestScheduler): number {
  return actions.filter(({ closed, delay }) => !closed && delay < 1_000_000).length;
}
