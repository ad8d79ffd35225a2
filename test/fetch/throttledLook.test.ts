import { expect, test } from 'vitest';
import { Bench, end, head, partition } from './scenario.ts';

test('an answer that is empty since we are throttled says nothing of a hole', () => {
  const bench = new Bench([10, 10, 10]);
  const first = bench.round();
  bench.take(first, head, partition(0), partition(1), partition(2), end); // known: the last stable offset is 90
  first.free();
  bench.clock.to(3_000);
  // (throttled brokers answer without any partition)
  for (const c of bench.cursors) c.route.nothingAt = undefined;
  const second = bench.round();
  bench.take(second, { ...head, throttleTimeMs: 1_000 }, end);
  second.free();
  bench.clock.to(10_000);
  const third = bench.round();
  expect([third.looks, third.partitions]).toEqual([false, 3]);
});
