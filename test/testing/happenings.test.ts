import { catchError, defer, map, mergeMap, NEVER, of, tap, VirtualTimeScheduler } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { fromKafka, type ConsumerEvent } from '../../src/index.ts';
import { SimulatedCluster, type Happening } from '../../src/testing/index.ts';

/** What a consumer of `orders-0` sees of a cluster to which these things happen, each at its time. */
function seen(
  happenings: readonly (readonly [at: number, happening: Happening])[],
  brokers = 2,
  autoOffsetReset: 'earliest' | 'none' = 'earliest',
): readonly string[] {
  const scheduler = new VirtualTimeScheduler();
  scheduler.maxFrames = 20_000;
  const cluster = new SimulatedCluster({ scheduler, brokers }).topic('orders', 1, 2, { replicationFactor: brokers });
  for (const [at, happening] of happenings) scheduler.schedule(() => cluster.apply(happening), at);
  const lines: string[] = [];
  const events = ({ kind, at }: ConsumerEvent): void => {
    if (kind === 'disconnected') lines.push(`${String(at)} ${kind}`);
  };
  const partitions = [{ topic: 'orders', partition: 0 }];
  fromKafka(cluster, { partitions, startFrom: { offset: 0 }, autoOffsetReset, scheduler, random: () => 0.5, events })
    .pipe(
      mergeMap((stream) =>
        stream.pipe(catchError((error: unknown) => of({ offset: (error as { code: string }).code, ack: () => undefined }))),
      ),
      tap((record) => record.ack()),
      map(({ offset }) => `${String(scheduler.now())} ${String(offset)}`),
    )
    .subscribe((line) => lines.push(line));
  scheduler.flush();
  return lines;
}

const place = { topic: 'orders', partition: 0 };

describe('to the log', () => {
  test('append wakes a long poll', () => {
    expect(seen([[100, { kind: 'append', ...place, records: 1 }]])).toEqual(['4 0', '4 1', '101 2']);
  });

  test('a transaction is seen when it ends, if it is committed', () => {
    const open: Happening = { kind: 'transaction', ...place, records: 2, producerId: 7, ends: 'open' };
    expect(
      seen([
        [100, open],
        [200, { kind: 'endTransaction', ...place, producerId: 7, ends: 'commit' }],
      ]),
    ).toEqual(['4 0', '4 1', '201 2', '201 3']);
    expect(
      seen([
        [100, open],
        [200, { kind: 'endTransaction', ...place, producerId: 7, ends: 'abort' }],
        [300, { kind: 'append', ...place, records: 1 }],
      ]),
    ).toEqual(['4 0', '4 1', '301 5']);
  });

  test('deleteRecords below the position changes nothing; above it the consumer goes to the beginning', () => {
    const later: Happening = { kind: 'append', ...place, records: 3 };
    expect(
      seen([
        [100, { kind: 'deleteRecords', ...place, before: 1 }],
        [200, later],
      ]),
    ).toEqual(['4 0', '4 1', '201 2', '201 3', '201 4']);
  });

  test("truncate below the position: the consumer goes on where the log was cut, or is told by that stream's error", () => {
    const cut: readonly (readonly [number, Happening])[] = [
      [100, { kind: 'truncate', ...place, end: 1 }],
      [200, { kind: 'append', ...place, records: 4 }],
    ];
    expect(seen(cut)).toEqual(['4 0', '4 1', '201 1', '201 2', '201 3', '201 4']);
    expect(seen(cut, 2, 'none').at(-1)).toContain('LOG_TRUNCATED');
  });
});

describe('to brokers', () => {
  test('move: another leads, and the consumer goes there', () => {
    const lines = seen([
      [100, { kind: 'move', ...place, leader: 2 }],
      [200, { kind: 'append', ...place, records: 1 }],
    ]);
    expect(lines).toEqual(['4 0', '4 1', '201 2']);
  });

  test('down: its connections break, a replica leads', () => {
    const lines = seen([
      [100, { kind: 'down', node: 1 }],
      [110, { kind: 'append', ...place, records: 1 }],
    ]);
    expect(lines.slice(0, 4)).toEqual(['4 0', '4 1', '100 disconnected', '111 2']);
  });

  test('down and up without a replica: it goes on where it was', () => {
    const lines = seen(
      [
        [100, { kind: 'down', node: 1 }],
        [5_000, { kind: 'up', node: 1 }],
        [5_001, { kind: 'append', ...place, records: 1 }],
      ],
      1,
    );
    expect(lines.at(-1)).toMatch(/ 2$/);
  });

  test('freeze: nothing is answered until it is up', () => {
    const lines = seen(
      [
        [100, { kind: 'freeze', node: 1 }],
        [101, { kind: 'append', ...place, records: 1 }],
        [5_000, { kind: 'up', node: 1 }],
      ],
      1,
    );
    expect(lines).toEqual(['4 0', '4 1', '5001 2']);
  });

  test('cut: the consumer connects again', () => {
    const lines = seen(
      [
        [100, { kind: 'cut', node: 1 }],
        [101, { kind: 'append', ...place, records: 1 }],
      ],
      1,
    );
    expect(lines.at(-1)).toMatch(/ 2$/);
  });
});

describe('a cluster', () => {
  let cluster: SimulatedCluster;
  beforeEach(() => {
    cluster = new SimulatedCluster({ scheduler: new VirtualTimeScheduler(), brokers: 3 }).topic('orders', 3, 1, { replicationFactor: 2 });
  });

  test('leads in turn, and a follower that lags loses what it does not have when it leads', () => {
    expect([0, 1, 2].map((index) => cluster.partition('orders', index).leader)).toEqual([1, 2, 3]);
    cluster
      .apply({ kind: 'lag', ...place, node: 2 })
      .append('orders', 0, 4)
      .apply({ kind: 'move', ...place, leader: 2 });
    expect(cluster.partition('orders', 0)).toMatchObject({ leader: 2, leaderEpoch: 1 });
    expect(cluster.partition('orders', 0).log.end).toBe(1);
  });

  test('without a broker that has everything nobody leads; who has it leads when it is back', () => {
    cluster.apply({ kind: 'lag', ...place, node: 2 }).apply({ kind: 'down', node: 1 });
    expect(cluster.partition('orders', 0)).toMatchObject({ leader: -1, leaderEpoch: 1 });
    cluster.apply({ kind: 'up', node: 1 });
    expect(cluster.partition('orders', 0)).toMatchObject({ leader: 1, leaderEpoch: 2 });
  });

  test('keeps what a topic of the same name had apart: another id', () => {
    const { id } = cluster.partition('orders', 0).topic;
    cluster.apply({ kind: 'deleteTopic', topic: 'orders' });
    expect(() => cluster.partition('orders', 0)).toThrow('there is no partition orders/0');
    cluster.topic('orders');
    expect(cluster.partition('orders', 0).topic.id).not.toBe(id);
  });

  test('says which broker or partition there is not', () => {
    expect(() => cluster.apply({ kind: 'append', topic: 'orders', partition: 9, records: 1 })).toThrow('there is no partition orders/9');
    expect(() => cluster.apply({ kind: 'staleMetadata', node: 9 })).toThrow('there is no broker 9');
    expect(() => cluster.apply({ kind: 'addPartitions', topic: 'none', partitions: 9 })).toThrow('there is no topic none');
  });

  test('is nowhere else than at its brokers', () => {
    const scheduler = new VirtualTimeScheduler();
    const seenErrors: unknown[] = [];
    defer(() => new SimulatedCluster({ scheduler }).connect({ host: 'b7', port: 9092 })).subscribe({
      error: (error: unknown) => seenErrors.push((error as { code: string }).code),
    });
    scheduler.flush();
    expect(seenErrors).toEqual(['CONNECTION_FAILED']);
  });
});

test('nothing is armed while nobody waits', () => {
  const scheduler = new VirtualTimeScheduler();
  const cluster = new SimulatedCluster({ scheduler }).topic('orders', 1, 1);
  cluster
    .connect()
    .pipe(mergeMap(() => NEVER))
    .subscribe()
    .unsubscribe();
  expect(scheduler.actions.filter(({ closed }) => !closed)).toEqual([]);
  expect(cluster.open).toBe(0);
});
