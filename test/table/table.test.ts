import { map, mergeMap, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Cursor } from '../../src/table/cursor.ts';
import type { Row } from '../../src/table/row.ts';
import type { Table } from '../../src/table/table.ts';
import { batchOf, tableOf, takeAll, viewOf, working } from './scenario.ts';

const known = [0, 1] as const;

describe('the table', () => {
  it('gives each assignment an epoch of its own, and tells of it when it is written down', () => {
    const { table } = tableOf();
    const told: unknown[] = [];
    table.assigned.subscribe((cursor) =>
      told.push([cursor.key, cursor.assignmentEpoch, table.find(cursor.topic, cursor.partition) === cursor]),
    );
    const first = working(table, 0);
    working(table, 0, { partition: 1 });
    table.release(first);
    working(table, 0);
    expect(told).toEqual([
      ['t-0', 1, true],
      ['t-1', 2, true],
      ['t-0', 3, true],
    ]);
  });

  it('forgets what is released, but not what came after it', () => {
    const { table } = tableOf();
    const old = working(table, 0);
    const young = working(table, 0);
    table.release(old);
    expect([old.state.kind, table.find('t', 0)]).toEqual(['released', young]);
    table.release(young);
    expect(table.find('t', 0)).toBeUndefined();
  });

  it('drops what is held with the release: acks count no more', () => {
    const { table } = tableOf();
    const cursor = working(table, 0);
    cursor.receive(batchOf(0, 2), true);
    const [first, second] = takeAll(cursor);
    first?.ack();
    table.release(cursor);
    second?.ack();
    expect([cursor.acks, cursor.held.bytes, cursor.held.records]).toEqual([1, 0, 0]);
  });

  it('knows whether anything was ever acked, also after the release', () => {
    const { table } = tableOf();
    const cursor = working(table, 0);
    cursor.receive(batchOf(0, 1), true);
    const [record] = takeAll(cursor);
    expect(table.moved).toBe(false);
    record?.ack();
    expect(table.moved).toBe(true);
    table.release(cursor);
    expect(table.moved).toBe(true);
  });

  it('cuts its bytes into as many slices as there are subscribers', () => {
    const { table } = tableOf({ maxBuffered: 1_200 });
    expect(table.slice()).toBe(1_200);
    const cursors = [0, 1, 2].map((partition) => working(table, 0, { partition }));
    expect([table.slice(), cursors[0]?.room]).toEqual([400, 400]);
    cursors[0]?.delivery.detach();
    expect([table.slice(), cursors[1]?.room]).toEqual([600, 600]);
    for (const cursor of cursors) table.release(cursor);
    expect(table.slice()).toBe(1_200);
  });

  describe('where subscribers leave what is held', () => {
    const size = batchOf(0, [{ value: Buffer.alloc(600) }]).sizeInBytes;
    /** Two partitions that may hold two batches together; one holds one, and has no subscriber any more. */
    const left = (): { table: Table; gone: Cursor; other: Cursor } => {
      const { table } = tableOf({ maxBuffered: 2 * size });
      const [gone, other] = [working(table, 0), working(table, 0, { partition: 1 })];
      gone.receive(batchOf(0, [{ value: Buffer.alloc(600) }]), true);
      gone.delivery.detach();
      return { table, gone, other };
    };

    it('the others may hold no more together with it', () => {
      const { table, other } = left();
      expect([table.slice(), table.left, other.room]).toEqual([2 * size, size, size]);
      other.receive(batchOf(0, [{ value: Buffer.alloc(600) }]), true);
      expect([table.left, other.room]).toEqual([0, 0]);
    });

    it('one that holds nothing may always have a batch', () => {
      const { table, other } = left();
      other.receive(batchOf(0, [{ value: Buffer.alloc(600) }]), true);
      expect(working(table, 0, { partition: 2 }).room).toBe(1);
    });

    it('its release gives back what it held, and wakes those who waited for it', () => {
      const { table, gone, other } = left();
      table.reroute(viewOf([0], { 't-0': [0, 1], 't-1': [0, 1] }));
      other.receive(batchOf(0, [{ value: Buffer.alloc(600) }]), true);
      let woken = 0;
      table.rows.get(0)?.line.wakes.subscribe(() => woken++);
      takeAll(other)[0]?.ack();
      expect(other.room).toBe(size);
      other.receive(batchOf(1, [{ value: Buffer.alloc(600) }]), true);
      woken = 0;
      table.release(gone);
      expect(table.left).toBe(size);
      expect(woken).toBeGreaterThan(0);
    });

    it('an ack of one wakes another that is held back by the sum alone', () => {
      const { table } = tableOf({ maxBuffered: 6 * size });
      const [gone, a, b] = [working(table, 0), working(table, 0, { partition: 1 }), working(table, 0, { partition: 2 })];
      table.reroute(viewOf([0, 1], { 't-0': [0, 1], 't-1': [0, 1], 't-2': [1, 1] }));
      const hold = (cursor: Cursor, batches: number): void => {
        for (let base = 0; base < batches; base++) cursor.receive(batchOf(base, [{ value: Buffer.alloc(600) }]), true);
      };
      hold(gone, 2);
      gone.delivery.detach();
      hold(a, 3);
      hold(b, 1);
      expect([table.slice(), table.left, b.room]).toEqual([3 * size, 0, 0]);
      let woken = 0;
      table.rows.get(1)?.line.wakes.subscribe(() => woken++);
      takeAll(a)[0]?.ack();
      expect([b.room, woken]).toEqual([size, 1]);
    });
  });

  it('asks anew of everybody when the slices change', () => {
    const { table } = tableOf({ maxBuffered: 1_000 });
    const cursor = working(table, 0);
    cursor.receive(batchOf(0, [{ value: Buffer.alloc(600) }]), true);
    expect(cursor.room).toBeGreaterThan(0);
    const other = working(table, 0, { partition: 1 });
    expect(cursor.room).toBe(0);
    takeAll(cursor)[0]?.ack();
    table.release(other);
    expect(cursor.room).toBe(1_000);
  });
});

describe('the way to a partition', () => {
  function routed() {
    const { table } = tableOf();
    const rows: string[] = [];
    table.rowAdded
      .pipe(
        tap(({ nodeId }) => rows.push(`+${String(nodeId)}`)),
        mergeMap(({ nodeId, gone }) => gone.wakes.pipe(map(() => nodeId))),
      )
      .subscribe((nodeId) => rows.push(`-${String(nodeId)}`));
    return { table, rows };
  }

  it('is by the row of its leader; rows come with what is led and go with their broker', () => {
    const { table, rows } = routed();
    const a = working(table, 0);
    const b = working(table, 0, { partition: 1 });
    table.reroute(viewOf(known, { 't-0': [0, 1], 't-1': [0, 1] }));
    expect([rows, table.ledBy(0), table.ledBy(1)]).toEqual([['+0'], [a, b], []]);
    table.reroute(viewOf(known, { 't-0': [0, 1], 't-1': [1, 2] }));
    expect([rows, table.ledBy(0), table.ledBy(1)]).toEqual([['+0', '+1'], [a], [b]]);
    table.reroute(viewOf([1], { 't-0': [1, 2], 't-1': [1, 2] }));
    expect([rows, [...table.rows.keys()], table.ledBy(1)]).toEqual([['+0', '+1', '-0'], [1], [a, b]]);
    table.reroute(viewOf(known, { 't-0': [0, 3], 't-1': [1, 2] }));
    expect(rows).toEqual(['+0', '+1', '-0', '+0']);
  });

  it('is none without a leader, or with one that is not among the brokers', () => {
    const { table, rows } = routed();
    const cursor = working(table, 0);
    for (const leader of [-1, 7]) {
      table.reroute(viewOf(known, { 't-0': [leader, 1] }));
      expect([cursor.route.leader, rows]).toEqual([-1, []]);
    }
    table.reroute(viewOf(known, { 't-0': [0, 1] }));
    table.reroute(viewOf(known, {}));
    expect([cursor.route.leader, cursor.route.leaderEpoch]).toEqual([-1, -1]);
  });

  it.each([
    ['leader', 1, 5],
    ['epoch', 0, 6],
  ])('changes with the %s: what is under way is stale, and the back-off is over', (_, leader, epoch) => {
    const { table } = routed();
    const { route } = working(table, 0);
    table.reroute(viewOf(known, { 't-0': [0, 5] }));
    route.round = {};
    route.failed(9_000);
    table.reroute(viewOf(known, { 't-0': [leader, epoch] }));
    expect([route.leader, route.leaderEpoch, route.round, route.notBefore, route.failures]).toEqual([leader, epoch, undefined, 0, 0]);
  });

  it('that has not changed leaves what is under way and the back-off alone', () => {
    const { table } = routed();
    const { route } = working(table, 0);
    table.reroute(viewOf(known, { 't-0': [0, 5] }));
    const round = {};
    route.round = round;
    route.failed(9_000);
    table.reroute(viewOf([0, 1, 2], { 't-0': [0, 5] }));
    expect([route.round, route.notBefore, route.failures]).toEqual([round, 9_000, 1]);
  });

  it.each([
    ['the group', { kind: 'committed', otherwise: { kind: 'nowhere' } }],
    ["the user's function", { kind: 'asked' }],
  ] as const)('is not what %s is asked about a position by: that goes on', (_, target) => {
    const { table } = routed();
    const cursor = table.assign({ topic: 't', partition: 0 }, { kind: 'locating', target, reason: 'start' });
    const round = {};
    cursor.route.round = round;
    table.reroute(viewOf(known, { 't-0': [0, 5] }));
    expect([cursor.route.round, cursor.route.leader]).toEqual([round, 0]);
  });

  it('wakes the row of a leader that it finds again, and the one whose partition wants something', () => {
    const { table } = routed();
    const cursor = working(table, 0);
    const view = viewOf(known, { 't-0': [0, 5] });
    table.reroute(view);
    const woken: number[] = [];
    const rows: Iterable<Row> = table.rows.values();
    for (const { nodeId, line } of rows) line.wakes.subscribe(() => woken.push(nodeId));
    table.reroute(view);
    expect(woken).toEqual([0]);
    table.demandChanged(cursor);
    expect(woken).toEqual([0, 0]);
  });
});

describe('a topic that was deleted and created again', () => {
  const known = [0];
  const leaders = { 't-0': [0, 0] } as const;

  it('while that is only said, nothing is committed onto what may be the new one, and nothing is asked of it', () => {
    const { table } = tableOf();
    const cursor = working(table, 5);
    const view = viewOf(known, leaders, 'a');
    const contestBy = (renamed: boolean) => ({
      ...view,
      contests: new Map([['t', { renamed, since: 0, answers: 1, brokers: new Set(['b']) }]]),
    });
    table.reroute(view);
    expect([cursor.dirty, cursor.route.leader]).toEqual([true, 0]);
    table.reroute(contestBy(true));
    expect([cursor.dirty, cursor.route.leader]).toEqual([false, -1]);
    table.reroute(contestBy(false));
    expect([cursor.dirty, cursor.route.leader]).toEqual([true, 0]);
  });

  it('which one was assigned is remembered from when it is known', () => {
    const { table } = tableOf();
    const cursor = working(table, 5);
    for (const id of ['0', 'a', '0', 'b']) table.reroute(viewOf(known, leaders, id));
    expect(cursor.route.topicId).toBe('a'.repeat(32));
  });
});
