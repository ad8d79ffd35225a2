import { describe, expect, it } from 'vitest';
import { ConnectionError } from '../../src/errors/index.ts';
import { codeOf } from '../../src/errors/table.ts';
import type { StartPosition } from '../../src/model/startPosition.ts';
import { locateLoop } from '../../src/offsets/locateLoop.ts';
import { located, settleOffset } from '../../src/table/located.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import type { Table } from '../../src/table/table.ts';
import { watch, type Watched } from '../support/watch.ts';
import { Clock, ledByZero, tableOf, viewOf } from '../table/scenario.ts';
import { listed, questionsIn, Wire } from './scenario.ts';

const lost = new ConnectionError('CONNECTION_LOST', 'gone');

class Bench {
  readonly clock: Clock = new Clock().to(10_000);
  readonly wire: Wire = new Wire();
  readonly table: Table = tableOf().table;
  readonly loop: Watched<never>;

  /** Partitions 0, 1, … of broker 0, which begin there. */
  constructor(starts: readonly StartPosition[]) {
    for (const [partition, at] of starts.entries()) {
      this.table.assign({ topic: 't', partition }, { kind: 'locating', target: { kind: 'place', at }, reason: 'start' });
    }
    ledByZero(this.table);
    const row = this.table.rows.get(0);
    if (row === undefined) throw new Error('no row');
    const { context } = this.clock;
    this.loop = watch(locateLoop({ context, cluster: this.wire.cluster, table: this.table, isolationLevel: 'read_committed' }, row));
  }

  cursor(partition = 0): Cursor {
    const cursor = this.table.find('t', partition);
    if (cursor === undefined) throw new Error('no such partition');
    return cursor;
  }

  answer(offsets: Readonly<Record<string, number | readonly [number]>>): void {
    this.wire.only.answer(listed(this.wire.only, offsets));
  }
}

describe('a place in the log', () => {
  it('is asked of the leader for all of its partitions together, in the epoch that it leads in', () => {
    const bench = new Bench(['earliest', 'latest', { timestamp: 77 }, { ago: 1_000 }]);
    expect(bench.wire.only).toMatchObject({ to: 'broker 0', purpose: 'control', api: 'ListOffsets', deadline: 30_000 });
    expect(bench.wire.only.request).toMatchObject({ isolationLevel: 1, timeoutMs: 30_000 });
    expect(questionsIn(bench.wire.only)).toEqual(['t-0@5:-2', 't-1@5:-1', 't-2@5:77', 't-3@5:9000']);
  });

  it('that is found is where the stream goes on, and is committed soon', () => {
    const bench = new Bench(['earliest']);
    bench.answer({ 't-0': 12 });
    const cursor = bench.cursor();
    expect([cursor.state.kind, cursor.position, cursor.commitSoon, cursor.route.round]).toEqual(['fetching', 12, true, undefined]);
    expect(bench.clock.told).toEqual([{ kind: 'positioned', topic: 't', partition: 0, to: 12, reason: 'start' }]);
  });

  it('is the end of the log as it is now where no record is as young as that', () => {
    const bench = new Bench([{ timestamp: 99_999 }]);
    bench.answer({ 't-0': -1 });
    expect(bench.cursor().state).toEqual({ kind: 'locating', target: { kind: 'place', at: 'latest' }, reason: 'start' });
    expect(questionsIn(bench.wire.only)).toEqual(['t-0@5:-1']);
    bench.answer({ 't-0': 31 });
    expect(bench.cursor().position).toBe(31);
  });

  it.each([
    ['a lost connection', (bench: Bench) => bench.wire.only.fail(lost), 1],
    ['a leader that is none', (bench: Bench) => bench.answer({ 't-0': [codeOf('NOT_LEADER_OR_FOLLOWER')] }), 1],
    ['an offset that is not available yet', (bench: Bench) => bench.answer({ 't-0': [codeOf('OFFSET_NOT_AVAILABLE')] }), 0],
    ['no answer for it', (bench: Bench) => bench.answer({}), 0],
  ])('that cannot be told for %s is asked for again after the back-off', (_, fail, invalidated) => {
    const bench = new Bench(['earliest']);
    fail(bench);
    expect([bench.cursor().state.kind, bench.wire.open, bench.wire.invalidated, bench.loop.log]).toEqual(['locating', [], invalidated, []]);
    expect(bench.clock.toldOf('retryScheduled')).toMatchObject([{ api: 'ListOffsets', topic: 't', partition: 0, attempt: 1, delay: 100 }]);
    bench.clock.by(99);
    expect(bench.wire.open).toEqual([]);
    bench.clock.by(1);
    fail(bench);
    bench.clock.by(199);
    expect(bench.wire.open).toEqual([]);
    bench.clock.by(1);
    bench.answer({ 't-0': 4 });
    expect(bench.cursor().position).toBe(4);
  });

  it('that cannot be told for one partition does not delay another', () => {
    const bench = new Bench(['earliest', 'earliest', 'earliest']);
    bench.answer({ 't-0': [codeOf('NOT_LEADER_OR_FOLLOWER')], 't-1': [codeOf('TOPIC_AUTHORIZATION_FAILED')], 't-2': 3 });
    expect([bench.cursor(0).state.kind, bench.cursor(2).position]).toEqual(['locating', 3]);
    expect(bench.cursor(1).state).toMatchObject({ kind: 'failed', error: { name: 'AuthorizationError' } });
  });

  it.each<readonly [string, (bench: Bench) => unknown]>([
    ['a seek', ({ table }) => table.find('t', 0)?.relocate({ kind: 'place', at: 'latest' }, 'seek')],
    ['the release', (bench) => bench.table.release(bench.cursor())],
    ['the end of the stream', (bench) => bench.cursor().apply({ kind: 'complete', why: 'stopping' })],
    ['a change of the leader', ({ table }) => table.reroute(viewOf([0, 1], { 't-0': [1, 6] }))],
  ])('that is answered after %s is stale', (_, change) => {
    const bench = new Bench(['earliest']);
    const cursor = bench.cursor();
    const [first] = bench.wire.open;
    change(bench);
    if (first !== undefined) first.answer(listed(first, { 't-0': 12 }));
    expect([cursor.position, bench.clock.toldOf('positioned')]).toEqual([undefined, []]);
  });

  it('is asked for again, in a new question, after a seek', () => {
    const bench = new Bench(['earliest']);
    const [first] = bench.wire.open;
    bench.cursor().relocate({ kind: 'place', at: 'latest' }, 'seek');
    first?.answer(listed(first, { 't-0': 12 }));
    expect(questionsIn(bench.wire.only)).toEqual(['t-0@5:-1']);
  });

  it('is not asked for any more once the broker is gone, and nothing is left behind', () => {
    const bench = new Bench(['earliest']);
    bench.table.reroute(viewOf([1], {}));
    expect([bench.loop.log, bench.wire.open, bench.clock.idle]).toEqual([['|'], [], true]);
  });

  it('is no reason to go on where the answer is no error of Kafka', () => {
    const bench = new Bench(['earliest']);
    const defect = new TypeError('of our own');
    bench.wire.only.fail(defect);
    expect(bench.loop.error()).toBe(defect);
  });
});

describe('a position that is found', () => {
  const { context, told } = new Clock();
  const cursorWith = (at: StartPosition): Cursor =>
    tableOf().table.assign({ topic: 't', partition: 0 }, { kind: 'locating', target: { kind: 'place', at }, reason: 'reset' });

  it('is an offset that needs no look-up, and nothing else does without', () => {
    const [offset, place] = [cursorWith({ offset: 3 }), cursorWith({ timestamp: 3 })];
    for (const cursor of [offset, place]) settleOffset(cursor, context);
    expect([offset.position, place.position]).toEqual([3, undefined]);
  });

  it('tells where it came from, where that is known', () => {
    const cursor = cursorWith({ offset: 3 });
    cursor.lastPosition = 50;
    located(cursor, 3, -1, context);
    expect(told.at(-1)).toEqual({ kind: 'positioned', topic: 't', partition: 0, from: 50, to: 3, reason: 'reset' });
  });

  it('means nothing to who does not look for one', () => {
    const cursor = cursorWith({ offset: 3 });
    cursor.apply({ kind: 'complete', why: 'revoked' });
    const before = told.length;
    located(cursor, 3, -1, context);
    settleOffset(cursor, context);
    expect([cursor.position, told.length]).toEqual([undefined, before]);
  });
});
