import { describe, expect, it } from 'vitest';
import { ConnectionError } from '../../src/errors/index.ts';
import { codeOf } from '../../src/errors/table.ts';
import type { AutoOffsetReset } from '../../src/model/startPosition.ts';
import { rangeLoop } from '../../src/offsets/rangeLoop.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import type { Table } from '../../src/table/table.ts';
import { watch, type Watched } from '../support/watch.ts';
import { batchOf, Clock, ledByZero, offsets, tableOf, takeAll, viewOf, working } from '../table/scenario.ts';
import { listed, questionsIn, Wire } from './scenario.ts';

/** Partition 0 of broker 0, at 50, of which it was said that it is out of range. */
class Bench {
  readonly clock: Clock = new Clock().to(10_000);
  readonly wire: Wire = new Wire();
  readonly table: Table = tableOf().table;
  readonly cursor: Cursor = working(this.table, 50);
  readonly loop: Watched<never>;

  constructor(autoOffsetReset: AutoOffsetReset = 'earliest', before: (cursor: Cursor) => void = () => undefined) {
    ledByZero(this.table);
    before(this.cursor);
    this.cursor.route.doubt = { kind: 'range' };
    const row = this.table.rows.get(0);
    if (row === undefined) throw new Error('no row');
    const { context } = this.clock;
    this.loop = watch(rangeLoop({ context, cluster: this.wire.cluster, table: this.table, autoOffsetReset }, row));
  }

  answer(answer: number | readonly [code: number]): this {
    this.wire.only.answer(listed(this.wire.only, { 't-0': answer }));
    return this;
  }
}

describe('a position that is said to be out of range', () => {
  it('is compared with where the log begins, and then with where it ends, in the epoch of the leader', () => {
    const bench = new Bench();
    expect([bench.wire.only.to, bench.wire.only.purpose, questionsIn(bench.wire.only)]).toEqual(['broker 0', 'control', ['t-0@5:-2']]);
    bench.answer(10);
    expect(questionsIn(bench.wire.only)).toEqual(['t-0@5:-1']);
    expect(bench.wire.only.request).toMatchObject({ isolationLevel: 0 }); // a position may lie behind the last stable offset
  });

  it.each([[50], [90]])('stays where it is in range after all: from 10 to %i', (high) => {
    const { cursor, wire, clock } = new Bench('none').answer(10).answer(high);
    expect([cursor.state.kind, cursor.position, cursor.positionEpoch, cursor.route.doubt, cursor.route.round]).toEqual([
      'fetching',
      50,
      0,
      undefined,
      undefined,
    ]);
    clock.by(5_000);
    expect([wire.open, clock.toldOf('positioned')]).toEqual([[], []]);
  });

  it('below the log: goes on as the policy says, and nobody is asked for what is known', () => {
    const { cursor, clock, wire } = new Bench('earliest').answer(60);
    expect([cursor.state.kind, cursor.position, cursor.positionEpoch, wire.open]).toEqual(['fetching', 60, 1, []]);
    expect(clock.toldOf('positioned')).toEqual([{ kind: 'positioned', topic: 't', partition: 0, from: 50, to: 60, reason: 'reset' }]);
    const latest = new Bench('latest').answer(60).cursor;
    expect(latest.state).toEqual({ kind: 'locating', target: { kind: 'place', at: 'latest' }, reason: 'reset' });
  });

  it('behind the log, earliest: goes on at its beginning', () => {
    const { cursor } = new Bench('earliest').answer(10).answer(40);
    expect([cursor.position, cursor.positionEpoch]).toEqual([10, 1]);
  });

  it('behind the log, latest: looks up the end, which may be the last stable offset', () => {
    const { cursor } = new Bench('latest').answer(10).answer(40);
    expect(cursor.state).toEqual({ kind: 'locating', target: { kind: 'place', at: 'latest' }, reason: 'reset' });
  });

  it('with autoOffsetReset none errs its partition, with the facts', () => {
    const { cursor } = new Bench('none').answer(10).answer(40);
    expect(cursor.state).toMatchObject({
      kind: 'failed',
      error: {
        name: 'OffsetOutOfRangeError',
        topic: 't',
        partition: 0,
        offset: 50,
        message: expect.stringContaining('10 to 40') as string,
      },
    });
    expect([cursor.position, cursor.route.doubt]).toEqual([50, undefined]);
  });

  it('waits until what is buffered has been delivered: that was in the log', () => {
    const { cursor, clock } = new Bench('earliest', (one) => one.receive(batchOf(50, 2), true)).answer(10).answer(40);
    expect([cursor.state.kind, cursor.route.doubt, cursor.route.notBefore]).toEqual(['fetching', undefined, clock.now + 100]);
    expect(offsets(takeAll(cursor))).toEqual([50, 51]);
  });

  it('in range, of a leader that has never heard of the epoch of our last record: that is asked no more', () => {
    const { cursor } = new Bench('none', (one) => one.lineage.begin(9, 50)).answer(10).answer(90);
    expect([cursor.lineage.before(50), cursor.position]).toEqual([-1, 50]);
    const known = new Bench('none', (one) => one.lineage.begin(4, 50)).answer(10).answer(90).cursor;
    expect(known.lineage.before(50)).toBe(4);
  });

  it.each([
    ['a lost connection', (bench: Bench) => bench.wire.only.fail(new ConnectionError('CONNECTION_LOST', 'gone')), 1],
    ['a leader that is none', (bench: Bench) => bench.answer([codeOf('NOT_LEADER_OR_FOLLOWER')]), 1],
    ['an offset that is not available yet', (bench: Bench) => bench.answer([codeOf('OFFSET_NOT_AVAILABLE')]), 0],
    ['no answer for the partition', (bench: Bench) => bench.wire.only.answer(listed(bench.wire.only, {})), 0],
  ])('is asked again after the back-off, with %s: nothing is reset by that', (_, fail, invalidated) => {
    const bench = new Bench();
    fail(bench);
    expect([bench.cursor.position, bench.cursor.route.doubt, bench.wire.open, bench.wire.invalidated]).toEqual([
      50,
      { kind: 'range' },
      [],
      invalidated,
    ]);
    bench.clock.by(99);
    expect(bench.wire.open).toEqual([]);
    bench.clock.by(1);
    expect(questionsIn(bench.wire.only)).toEqual(['t-0@5:-2']);
  });

  it.each<readonly [string, (bench: Bench) => unknown]>([
    ['a seek', ({ cursor }) => cursor.relocate({ kind: 'place', at: 'latest' }, 'seek')],
    ['the release', ({ table, cursor }) => table.release(cursor)],
    ['the end of the stream', ({ cursor }) => cursor.apply({ kind: 'complete', why: 'stopping' })],
    ['a change of the leader', ({ table }) => table.reroute(viewOf([0, 1], { 't-0': [1, 6] }))],
  ])('is answered too late after %s', (_, change) => {
    const bench = new Bench();
    const [first] = bench.wire.open;
    change(bench);
    first?.answer(listed(first, { 't-0': 60 }));
    expect([bench.cursor.route.doubt, bench.clock.toldOf('positioned')]).toEqual([bench.cursor.over ? { kind: 'range' } : undefined, []]);
  });

  it('is not asked any more once the broker is gone, and nothing is left behind', () => {
    const bench = new Bench();
    bench.table.reroute(viewOf([1], {}));
    expect([bench.loop.log, bench.wire.open, bench.clock.idle]).toEqual([['|'], [], true]);
  });
});
