import { of, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { assignByHand } from '../../src/consumer/assignment.ts';
import { heldBy } from '../../src/consumer/engine.ts';
import { handOver } from '../../src/consumer/handOver.ts';
import { marksReached } from '../../src/consumer/marksReached.ts';
import type { ConsumerSettings } from '../../src/consumer/settings.ts';
import { ConnectionError } from '../../src/errors/index.ts';
import { committed, offsetsIn, recalled } from '../offsets/scenario.ts';
import { watch } from '../support/watch.ts';
import { Bench, manual, member } from './scenario.ts';

/** Marks for partitions 0 and 1, of which only 0 is ours. */
function marked(overrides: Partial<ConsumerSettings> = {}): Bench {
  const bench = new Bench({ stopAt: 'end', ...overrides });
  const place = (partition: number, offset: number) => ({ topic: 't', partition, offset });
  bench.engine.marks = new Map([
    ['t-0', place(0, 2)],
    ['t-1', place(1, 9)],
  ]);
  return bench;
}

describe('the end at the marks', () => {
  it('never comes without `stopAt`', () => {
    const bench = new Bench({ mode: manual });
    expect([watch(marksReached(bench.engine).pipe(take(1))).log, bench.clock.idle]).toEqual([[], true]);
  });

  it('does not come before there was an assignment', () => {
    const bench = marked({ mode: manual });
    bench.engine.started = false;
    const { log } = watch(marksReached(bench.engine).pipe(take(1)));
    bench.table.settled();
    expect(log).toEqual([]);
    bench.engine.started = true;
    bench.table.settled();
    expect(log.at(-1)).toBe('|');
  });

  it('comes when every stream has ended at its mark and everything is acked, however long that takes', () => {
    const bench = marked({ mode: manual });
    const [a, b] = [bench.delivered(2, 0, 2), bench.delivered(1, 1, 9)];
    const { log } = watch(marksReached(bench.engine).pipe(take(1)));
    for (const record of [...a.records, ...b.records]) record.ack();
    bench.clock.to(1_000_000);
    expect([a.cursor.state.kind, b.cursor.state.kind, log]).toEqual(['completed', 'fetching', []]);
    b.cursor.locate(9);
    expect([b.cursor.state.kind, log.at(-1)]).toEqual(['completed', '|']);
  });

  it('waits for acks of what was delivered up to the mark', () => {
    const bench = marked({ mode: manual });
    const { records } = bench.delivered(2, 0, 2);
    const { log } = watch(marksReached(bench.engine).pipe(take(1)));
    records[1]?.ack();
    bench.clock.to(100_000);
    expect(log).toEqual([]);
    records[0]?.ack();
    expect(log.at(-1)).toBe('|');
  });
});

describe('the end at the marks is not', () => {
  it('the end of a stream that is handed over, nor the time between two assignments', () => {
    const bench = marked({ commit: false });
    const done = bench.delivered(2, 0, 2);
    const under = bench.delivered(1, 1, 9);
    const { log } = watch(marksReached(bench.engine).pipe(take(1)));
    for (const record of [...done.records, ...under.records]) record.ack();
    watch(handOver(bench.engine, heldBy(bench.engine), of(50_000)));
    bench.clock.to(1);
    bench.table.settled();
    expect([bench.table.cursors.size, log]).toEqual([0, []]);
    bench.table.membership = { ...member, generation: 8 };
    bench.table.settled();
    expect(log.at(-1)).toBe('|'); // assigned nothing: nothing of our own is left
  });

  it('reached by the first of several partitions that are assigned together', () => {
    const partitions = [0, 1].map((partition) => ({ topic: 't', partition, startFrom: { offset: 0 } }));
    const bench = marked({ mode: { kind: 'manual', partitions } });
    bench.engine.started = false;
    bench.engine.marks = new Map([
      ['t-0', { topic: 't', partition: 0, offset: 0 }],
      ['t-1', { topic: 't', partition: 1, offset: 9 }],
    ]);
    const { log } = watch(marksReached(bench.engine).pipe(take(1)));
    assignByHand(bench.engine, partitions);
    expect([log, bench.table.find('t', 0)?.state.kind, bench.table.find('t', 1)?.state.kind]).toEqual([[], 'completed', 'fetching']);
  });
});

describe('the end at the marks of a group', () => {
  /** Our partition is done and committed. */
  function ownDone() {
    const bench = marked();
    const { records } = bench.delivered(2, 0, 2);
    const { log } = watch(marksReached(bench.engine).pipe(take(1)));
    for (const record of records) record.ack();
    expect(offsetsIn(bench.wire.only)).toEqual(['t-0=2']);
    bench.wire.only.answer(committed(bench.wire.only));
    bench.clock.by(0);
    return { bench, log };
  }

  it('comes when the group’s commits have reached all of them, asked for once each commit interval', () => {
    const { bench, log } = ownDone();
    expect(bench.wire.only.request).toMatchObject({
      groupId: 'g',
      requireStable: false,
      topics: [{ name: 't', partitionIndexes: [0, 1] }],
    });
    bench.wire.only.answer(recalled(bench.wire.only, { 't-0': 2, 't-1': 8 }));
    bench.clock.by(4_999);
    expect([bench.wire.open, log]).toEqual([[], []]);
    bench.clock.by(1);
    bench.wire.only.answer(recalled(bench.wire.only, { 't-0': 2, 't-1': 9 }));
    expect([log.at(-1), bench.clock.idle]).toEqual(['|', true]);
  });

  it('counts what is not committed at all as not reached', () => {
    const { bench, log } = ownDone();
    bench.wire.only.answer(recalled(bench.wire.only, { 't-0': 2 }));
    expect(log).toEqual([]);
  });

  it('is asked for again after a failure, and one question at a time', () => {
    const { bench, log } = ownDone();
    bench.clock.by(20_000);
    expect(bench.wire.open).toHaveLength(1);
    bench.wire.only.fail(new ConnectionError('CONNECTION_LOST', 'gone'));
    bench.clock.by(5_000);
    bench.wire.only.answer(recalled(bench.wire.only, { 't-0': 2, 't-1': 9 }));
    expect(log.at(-1)).toBe('|');
  });

  it('does not stand in the way of a last commit that is refused: the group is asked', () => {
    const bench = marked();
    const { records } = bench.delivered(2, 0, 2);
    watch(marksReached(bench.engine).pipe(take(1)));
    for (const record of records) record.ack();
    bench.wire.only.answer(committed(bench.wire.only, { 't-0': 25 }));
    bench.clock.by(0);
    expect(bench.wire.only.api).toBe('OffsetFetch');
  });

  it('is our own with commit: false', () => {
    const bench = marked({ commit: false });
    const { records } = bench.delivered(2, 0, 2);
    const { log } = watch(marksReached(bench.engine).pipe(take(1)));
    for (const record of records) record.ack();
    expect([log.at(-1), bench.wire.sent]).toEqual(['|', []]);
  });
});
