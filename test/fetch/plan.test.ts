import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plan } from '../../src/fetch/plan.ts';
import { pollWait, SHORT_POLL } from '../../src/fetch/request.ts';
import { Row } from '../../src/table/row.ts';
import { batchOf, tableOf, takeAll, working } from '../table/scenario.ts';
import { batch, Bench, end, partition } from './scenario.ts';

const someRoute = fc.record({
  attached: fc.boolean(),
  busy: fc.boolean(),
  failed: fc.boolean(),
  notBefore: fc.nat(900),
  served: fc.nat(5),
});

describe('the plan of a broker', () => {
  it('waits exactly when there is nothing to fetch, takes all that it may, and changes nothing', () => {
    fc.assert(
      fc.property(fc.array(someRoute, { maxLength: 6 }), fc.nat(900), (routes, rowNotBefore) => {
        const { table } = tableOf();
        const cursors = routes.map(({ attached, busy, failed, notBefore, served }, partition) => {
          const cursor = working(table, 0, { partition });
          if (!attached) cursor.delivery.detach();
          if (busy) cursor.route.round = {};
          if (failed) cursor.apply({ kind: 'fail', error: new Error('bad') });
          Object.assign(cursor.route, { notBefore, served });
          return cursor;
        });
        const row = new Row(0);
        row.notBefore = rowNotBefore;
        const before = JSON.stringify([row, cursors.map(({ route }) => route)]);
        const { fetch, wait } = plan(row, cursors, 500);
        const wanted = routes
          .map((route, partition) => ({ ...route, partition }))
          .filter((route) => route.attached && !route.busy && !route.failed && route.notBefore <= 500);
        const order = rowNotBefore > 500 ? [] : wanted.sort((a, b) => a.served - b.served).map(({ partition }) => partition);
        expect(fetch.map(({ partition }) => partition)).toEqual(order);
        expect(wait === 0).toBe(fetch.length > 0);
        expect(JSON.stringify([row, cursors.map(({ route }) => route)])).toBe(before);
      }),
      { numRuns: 150 },
    );
  });

  it('waits for the first back-off to be over, for the broker’s own before all', () => {
    const { row, cursors } = new Bench([0, 0]);
    for (const [i, cursor] of cursors.entries()) cursor.route.notBefore = 1_300 + 100 * i;
    expect(plan(row, cursors, 1_000)).toEqual({ fetch: [], wait: 300 });
    row.notBefore = 2_500;
    expect(plan(row, cursors, 1_000)).toEqual({ fetch: [], wait: 1_500 });
    expect(plan(row, cursors, 2_500).fetch).toHaveLength(2);
  });

  it('puts who got records last behind the others: every partition comes to the front', () => {
    const bench = new Bench([0, 0, 0]);
    const firsts: (number | undefined)[] = [];
    for (let i = 0; i < 6; i++) {
      const round = bench.round();
      const first = round.request.topics[0]?.partitions[0]?.partition ?? -1;
      firsts.push(first);
      const offset = bench.cursor(first).fetchOffset ?? 0;
      bench.take(round, partition(first), batch(batchOf(offset, 1), first), end);
      round.free();
      bench.clock.by(200);
    }
    expect(firsts).toEqual([0, 1, 2, 0, 1, 2]);
  });
});

describe('a fetch request', () => {
  it('asks for each partition from its fetchOffset, in the leader’s epoch, with the epoch of the record before', () => {
    const bench = new Bench([7, 3], { isolationLevel: 'read_uncommitted', rackId: 'r1' });
    bench.cursor(1).receive(batchOf(3, 4, { leaderEpoch: 4 }), true);
    expect(bench.round().request).toMatchObject({
      ...{ clusterId: null, replicaId: -1, maxWaitMs: 500, minBytes: 1, maxBytes: 8_000_000, isolationLevel: 0, rackId: 'r1' },
      ...{ sessionId: 0, sessionEpoch: 0, forgottenTopicsData: [] },
      topics: [
        {
          ...{ topic: 't', topicId: '1'.repeat(32) },
          partitions: [
            { partition: 0, currentLeaderEpoch: 5, fetchOffset: 7, lastFetchedEpoch: -1, logStartOffset: -1 },
            { partition: 1, currentLeaderEpoch: 5, fetchOffset: 7, lastFetchedEpoch: 4, logStartOffset: -1 },
          ],
        },
      ],
    });
    expect(new Bench([0]).round().request.isolationLevel).toBe(1);
  });

  it('never asks a partition for more than the rest of its slice, nor for more than the option says', () => {
    const bytesOf = (maxBuffered: number, maxPartitionBytes: number): (number | undefined)[] => {
      const bench = new Bench([0, 0, 0], { maxBuffered, maxPartitionBytes });
      bench.cursor(0).receive(batchOf(0, [{ value: Buffer.alloc(100) }]), true);
      return bench.round().request.topics[0]?.partitions.map(({ partitionMaxBytes }) => partitionMaxBytes) ?? [];
    };
    expect(bytesOf(3_000, 900)).toEqual([1_000 - 170, 900, 900]);
    expect(bytesOf(1_000, 9_000)).toEqual([333 - 170, 333, 333]);
    expect(bytesOf(2, 9_000)).toEqual([1, 1]); // one batch always may, and the first has its own already
  });
});

describe('a poll', () => {
  /** Partition 0 waits for acks and is behind, partition 1 is polled. */
  function bench(): Bench {
    const made = new Bench([0, 0], { maxBuffered: 1_000 });
    const cursor = made.cursor(0);
    cursor.receive(batchOf(0, [{ value: Buffer.alloc(200) }, { value: Buffer.alloc(200) }, { value: Buffer.alloc(200) }]), true);
    cursor.end = 50;
    takeAll(cursor)[0]?.ack();
    return made;
  }

  it('is short while a partition of the same broker is held back only by acks that are coming just now', () => {
    const made = bench();
    expect(made.round().maxWait).toBe(SHORT_POLL);
    expect(pollWait(made.cursors, 20, 1_000)).toBe(20);
    expect([pollWait(made.cursors, 500, 2_000), pollWait(made.cursors, 500, 2_001)]).toEqual([SHORT_POLL, 500]);
  });

  it('is short while its leader is to be asked about the log of a partition of the same broker, if somebody waits for that', () => {
    const made = bench();
    const [cursor] = made.cursors;
    if (cursor === undefined) throw new Error('no partition');
    for (const { route } of made.cursors) route.ackedAt = -Infinity;
    for (const doubt of [{ kind: 'unproven' }, { kind: 'range' }] as const) {
      cursor.route.doubt = doubt;
      expect(pollWait(made.cursors, 500, 10_000)).toBe(SHORT_POLL);
    }
    cursor.delivery.detach();
    expect(pollWait(made.cursors, 500, 10_000)).toBe(500);
  });

  it.each([
    ['is at the end', (made: Bench) => (made.cursor(0).end = made.cursor(0).position)],
    [
      'has something to deliver',
      (made: Bench) => {
        made.cursor(0).receive(batchOf(3, 1), true);
      },
    ],
    [
      'is not subscribed',
      (made: Bench) => {
        made.cursor(0).delivery.detach();
      },
    ],
    [
      'has an error',
      (made: Bench) => {
        made.cursor(0).apply({ kind: 'fail', error: new Error('bad') });
      },
    ],
  ] as const)('is long where that partition %s', (_, change) => {
    const made = bench();
    change(made);
    expect(made.round().maxWait).toBe(500);
  });

  it('is long where its subscriber has not acked for a second', () => {
    const made = bench();
    made.round().free();
    made.clock.by(1_001);
    expect(made.round().maxWait).toBe(500);
  });
});
