import { ignoreElements, map, mergeMap, take, tap, timer } from 'rxjs';
import { expect, test } from 'vitest';
import { ackEach, processRecords } from '../operators/index.ts';
import { consumerOf, marble, ofPartitions, settings, type Marble } from '../test/support/scripted/index.ts';
import type { Overrides } from '../test/support/scripted/settings.ts';

// Sizes and fairness: nothing is too large, and nobody waits for ever behind somebody else.

const polling = { minBytes: 1, maxWait: 500, maxBytes: 1_000_000, maxPartitionBytes: 1_000_000 };

/** When what came of each partition, acked at once: `[ms, partition, offset]`, up to that time. */
function taken({ cluster, scheduler, expectObservable, flush }: Marble, options: Overrides, ms: number): readonly (readonly [number, number, number])[] {
  const seen: [number, number, number][] = [];
  const consumed = consumerOf(cluster, settings(scheduler, options)).pipe(
    mergeMap((stream) => stream.pipe(ackEach())),
    tap(({ partition, offset }) => seen.push([scheduler.now(), partition, offset])),
    ignoreElements(),
  );
  expectObservable(consumed, `${ms}ms !`).toBe('');
  flush();
  return seen;
}

function batches({ cluster }: Marble, partition: number, count: number, valueBytes: number): void {
  for (let batch = 0; batch < count; batch++) cluster.append('orders', partition, 1, { valueBytes });
}

test('a record that is larger than every limit passes, and the partition and its neighbour go on', marble((kit) => {
  kit.cluster.topic('orders', 2);
  for (const size of [10, 50_000, 10, 50_000]) batches(kit, 0, 1, size);
  batches(kit, 1, 3, 10);
  const fetch = { ...polling, maxBytes: 1_000, maxPartitionBytes: 100 };
  const seen = taken(kit, { mode: ofPartitions(2), maxBuffered: 2_000, window: { records: 10, bytes: 1_000 }, fetch }, 100);
  expect(seen.filter(([, partition]) => partition === 0).map(([, , offset]) => offset)).toEqual([0, 1, 2, 3]);
  expect(seen.filter(([, partition]) => partition === 1).map(([, , offset]) => offset)).toEqual([0, 1, 2]);
}));

test('partitions whose batches do not fit beside each other in an answer take turns', marble((kit) => {
  kit.cluster.topic('orders', 3);
  for (let partition = 0; partition < 3; partition++) batches(kit, partition, 30, 5_000);
  const seen = taken(kit, { mode: ofPartitions(3), fetch: { ...polling, maxBytes: 6_000, maxPartitionBytes: 6_000 } }, 120);
  expect(seen).toHaveLength(90);
  const turns = seen.map(([, partition]) => partition).join('');
  // Between two turns of one the others have had theirs, once the session of the broker goes on.
  expect(turns).toMatch(/^0?(012){29}/);
}));

test('a hot partition starves none: what is written to the others arrives within two answers, however much there is of the hot one', marble((kit) => {
  const { cluster, scheduler } = kit;
  cluster.topic('orders', 4);
  batches(kit, 0, 3_000, 5_000);
  const late = new Map<string, number>();
  timer(20, 7, scheduler).pipe(take(21)).subscribe({
    next: (round) => {
      const partition = 1 + (round % 3);
      cluster.append('orders', partition, 1, { valueBytes: 5_000 });
      late.set(`${partition}@${Math.floor(round / 3)}`, scheduler.now());
    },
    error: expect.unreachable,
  });
  const seen = taken(kit, { mode: ofPartitions(4), fetch: { ...polling, maxBytes: 16_000, maxPartitionBytes: 16_000 } }, 300);
  for (const [key, at] of late) {
    const [arrived = Infinity] = seen.find(([, partition, offset]) => `${partition}@${offset}` === key) ?? [];
    expect([key, arrived - at <= 4]).toEqual([key, true]);
  }
  expect(seen.filter(([, partition]) => partition === 0).length).toBeGreaterThan(400);
}));

test('records of 10 KB and a handler of 1 ms beside eleven idle partitions: at least nine tenths of the handler’s own rate', marble((kit) => {
  const { cluster, scheduler, expectObservable, flush } = kit;
  cluster.topic('orders', 12);
  batches(kit, 0, 1_500, 10_000);
  cluster.latency = 2;
  const done: number[] = [];
  const consumed = consumerOf(cluster, settings(scheduler, { mode: ofPartitions(12), fetch: polling })).pipe(
    processRecords(() => timer(1, scheduler).pipe(map(() => done.push(scheduler.now())))),
    ignoreElements(),
  );
  expectObservable(consumed, '2s !').toBe('');
  flush();
  expect(done).toHaveLength(1_500);
  expect((done.at(-1) ?? Infinity) - (done[0] ?? 0)).toBeLessThan(1_500 / 0.9);
}));
