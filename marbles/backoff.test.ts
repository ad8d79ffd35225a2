import { mergeAll, type SchedulerAction, type SchedulerLike } from 'rxjs';
import { test } from 'vitest';
import { marble, NEVER_ANSWERED, offsets, RESET } from '../test/support/scripted/index.ts';

const backoff = { initial: 100, max: 400, jitter: 0.2 };
const lines = { b: 'bootstrap', c: 'connect', f: 'fetch orders/0@0', g: 'fetch orders/0@1', m: 'metadata' };

test('failing fetches are further and further apart, up to backoff.max; a success resets that', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail('Fetch', 'REQUEST_TIMED_OUT', { times: 4 });
  //                  fails     fails     fails     fails     brings 0, then a long poll         fails
  const fetches = '3ms f 100ms   f 200ms   f 400ms   f 400ms   f g                      500ms     g 100ms   g';
  const records = '3ms - 100ms   - 200ms   - 400ms   - 400ms   - 0                      500ms     - 100ms   -';
  const script =  '1200ms s';
  const stop =    '1800ms !';

  expectObservable(cluster.sent('Fetch'), stop).toBe(fetches, lines);
  expectObservable(consume({ backoff }).pipe(mergeAll(), offsets()), stop).toBe(records);
  play(script, { s: () => cluster.fail('Fetch', 'REQUEST_TIMED_OUT') });
}));

test('a broken connection is a failed fetch: its partitions are free again when the back-off is over', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail('Fetch', RESET, { times: 2 });
  //                  reset   +1 to connect  reset  +1 to connect  brings 0
  const fetches = '3ms f       101ms f            201ms f            g';
  const records = '3ms -       101ms -            201ms -            0';
  const stop =    '600ms !';

  expectObservable(cluster.sent('Fetch'), stop).toBe(fetches, lines);
  expectObservable(consume({ backoff }).pipe(mergeAll(), offsets()), stop).toBe(records);
}));

test('attempts to connect to a broker, for whatever purpose, are further and further apart, up to backoff.max; an answer ends that', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  //               refused   refused   refused   refused   opens    metadata's    all are cut
  const connects = 'b-c 100ms c 200ms   b 400ms   c 400ms   bc 100ms c     191ms   c   ';
  const records =  '--- 100ms - 200ms   - 400ms   - 400ms   ---0                       ';
  const script =   '--r 900ms a                             396ms          x           ';
  const stop =     '1405ms !';

  expectObservable(cluster.sent('Bootstrap', 'Connect'), stop).toBe(connects, lines);
  expectObservable(consume({ backoff }).pipe(mergeAll(), offsets()), stop).toBe(records);
  play(script, { r: () => cluster.refuse(1), a: () => cluster.accept(1), x: () => cluster.cut(1) });
}));

test('without any broker it asks again and again, further and further apart, and starts when one is there', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.refuse(1);
  const asks =    'b 100ms b 200ms b 400ms bm';
  const records = '- 100ms - 200ms - 400ms ----0';
  const script =  '500ms a';
  const stop =    '800ms !';

  expectObservable(cluster.sent('Bootstrap', 'Metadata'), stop).toBe(asks, lines);
  expectObservable(consume({ backoff }).pipe(mergeAll(), offsets()), stop).toBe(records);
  play(script, { a: () => cluster.accept(1) });
}));

test('a broker that hangs costs its deadline: then another connection is tried', marble(({ cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail('Fetch', NEVER_ANSWERED);
  //               connecting from 2 on; deadline at 2 + requestTimeout 200 + maxWait 50; back-off until 352; connecting
  const fetches = '3ms f 349ms fg';
  const records = '3ms - 349ms -0';
  const stop =    '365ms !';

  const fetch = { minBytes: 1, maxWait: 50, maxBytes: 1_000_000, maxPartitionBytes: 1_000_000 };
  expectObservable(cluster.sent('Fetch'), stop).toBe(fetches, lines);
  expectObservable(consume({ backoff, fetch, requestTimeout: 200 }).pipe(mergeAll(), offsets()), stop).toBe(records);
}));

test('a timer that fires early finds nothing to do, sends nothing, and does not spin', marble(({ scheduler, cluster, consume, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.fail('Fetch', 'REQUEST_TIMED_OUT', { times: 2 });
  const fetches = '3ms f 100ms f 200ms fg';
  const stop =    '500ms !';

  const early: SchedulerLike = {
    now: () => scheduler.now(),
    schedule: <T>(work: (this: SchedulerAction<T>, state: never) => void, delay = 0, state?: T) =>
      scheduler.schedule(work as (this: SchedulerAction<T>, state?: T) => void, delay > 2 ? delay - 1 : delay, state),
  };
  expectObservable(cluster.sent('Fetch'), stop).toBe(fetches, lines);
  expectObservable(consume({ backoff, scheduler: early }).pipe(mergeAll(), offsets()), stop).toBe('3ms - 100ms - 200ms -0');
}));
