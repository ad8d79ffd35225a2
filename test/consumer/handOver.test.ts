import { of, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { allAcked, endStreams, handOver } from '../../src/consumer/handOver.ts';
import { heldBy } from '../../src/consumer/engine.ts';
import { ConnectionError } from '../../src/errors/index.ts';
import { codeOf } from '../../src/errors/table.ts';
import { committed, offsetsIn } from '../offsets/scenario.ts';
import { watch } from '../support/watch.ts';
import { Bench, manual } from './scenario.ts';

describe('waiting for acks', () => {
  it('is a level: over at once where nothing is un-acked', () => {
    const bench = new Bench();
    const { cursor } = bench.delivered(0);
    expect(watch(allAcked(bench.table, [cursor]).pipe(take(1))).log).toHaveLength(2);
    expect(watch(allAcked(bench.table, []).pipe(take(1))).log).toHaveLength(2);
  });

  it('is over with the last ack of the last partition', () => {
    const bench = new Bench();
    const [a, b] = [bench.delivered(2), bench.delivered(1, 1)];
    endStreams([a.cursor, b.cursor], 'stopping');
    const { log } = watch(allAcked(bench.table, [a.cursor, b.cursor]).pipe(take(1)));
    for (const record of [...a.records, ...b.records].slice(0, 2)) record.ack();
    expect(log).toEqual([]);
    b.records[0]?.ack();
    expect(log).toHaveLength(2);
  });

  it('does not wait for a partition that is lost meanwhile, nor for one whose stream has errored', () => {
    const bench = new Bench();
    const [lost, errored] = [bench.delivered(2), bench.delivered(1, 1)];
    const { log } = watch(allAcked(bench.table, [lost.cursor, errored.cursor]).pipe(take(1)));
    bench.table.release(lost.cursor);
    errored.cursor.delivery.abandoned = true;
    bench.table.settled();
    expect(log).toHaveLength(2);
  });
});

describe('a hand-over', () => {
  it('ends the streams first, waits for acks, commits them under the generation that is still ours, and releases', () => {
    const bench = new Bench();
    const { cursor, records } = bench.delivered(2);
    const { log } = watch(handOver(bench.engine, heldBy(bench.engine), of(50_000)));
    expect([cursor.state, bench.wire.sent]).toEqual([{ kind: 'completed', why: 'revoked' }, []]);
    for (const record of records) record.ack();
    expect([offsetsIn(bench.wire.only), cursor.state.kind, log]).toEqual([['t-0=2'], 'completed', []]);
    expect(bench.wire.only.request).toMatchObject({ generationIdOrMemberEpoch: 7 });
    bench.wire.only.answer(committed(bench.wire.only));
    expect([cursor.state.kind, bench.table.cursors.size, bench.table.membership, log]).toEqual(['released', 0, undefined, ['|']]);
    expect([cursor.abort.signal.aborted, bench.clock.idle]).toEqual([false, true]);
    const partitions = [{ topic: 't', partition: 0 }];
    const told = bench.clock.told.filter(({ kind }) => kind !== 'committed');
    expect(told).toEqual([
      { kind: 'revokeRequested', partitions, deadline: 50_000 },
      { kind: 'revoked', partitions },
    ]);
  });

  it('of what needs neither an ack nor a commit is done at once', () => {
    const bench = new Bench();
    bench.delivered(0);
    expect(watch(handOver(bench.engine, heldBy(bench.engine), of(50_000))).log).toEqual(['|']);
  });

  it('waits for acks until the deadline: then what is acked is committed, and the work on the rest does not count', () => {
    const bench = new Bench();
    const [late, done] = [bench.delivered(3), bench.delivered(1, 1)];
    late.records[0]?.ack();
    done.records[0]?.ack();
    const { log } = watch(handOver(bench.engine, heldBy(bench.engine), of(50_000)));
    bench.clock.to(49_999);
    expect(bench.wire.sent).toEqual([]);
    bench.clock.to(50_000);
    expect(offsetsIn(bench.wire.only)).toEqual(['t-0=1', 't-1=1']);
    bench.wire.only.answer(committed(bench.wire.only));
    expect(late.cursor.abort.signal.reason).toMatchObject({ name: 'HandOverDeadlineError', topic: 't', partition: 0 });
    expect(done.cursor.abort.signal.aborted).toBe(false);
    late.records[1]?.ack();
    expect([late.cursor.acks, log]).toEqual([1, ['|']]);
  });

  it('does not wait at all where the deadline is over', () => {
    const bench = new Bench();
    bench.clock.to(1_000);
    const { cursor } = bench.delivered(1);
    const { log } = watch(handOver(bench.engine, heldBy(bench.engine), of(500)));
    bench.clock.to(1_000);
    expect([cursor.state.kind, log]).toEqual(['released', ['|']]);
  });

  it('goes on where the commit is refused', () => {
    const bench = new Bench();
    const { cursor, records } = bench.delivered(1);
    records[0]?.ack();
    const { log } = watch(handOver(bench.engine, heldBy(bench.engine), of(50_000)));
    bench.wire.only.answer(committed(bench.wire.only, { 't-0': codeOf('UNKNOWN_MEMBER_ID') }));
    expect([cursor.state.kind, log]).toEqual(['released', ['|']]);
  });

  it('tries the commit again where that may help', () => {
    const bench = new Bench();
    bench.delivered(1).records[0]?.ack();
    const { log } = watch(handOver(bench.engine, heldBy(bench.engine), of(50_000)));
    bench.wire.only.fail(new ConnectionError('CONNECTION_LOST', 'gone'));
    bench.clock.to(100);
    bench.wire.only.answer(committed(bench.wire.only));
    expect(log).toEqual(['|']);
  });

  it.each([
    ['commit: false', { commit: false as const }],
    ['no group', { mode: manual }],
  ])('commits nothing with %s', (_, settings) => {
    const bench = new Bench(settings);
    bench.delivered(1).records[0]?.ack();
    const { log } = watch(handOver(bench.engine, heldBy(bench.engine), of(50_000)));
    bench.clock.to(1);
    expect([log, bench.wire.sent]).toEqual([['|'], []]);
  });

  it('that is given up leaves no timer and no request behind', () => {
    const bench = new Bench();
    bench.delivered(1);
    watch(handOver(bench.engine, heldBy(bench.engine), of(50_000))).unsubscribe();
    expect([bench.clock.idle, bench.wire.open]).toEqual([true, []]);
  });
});
