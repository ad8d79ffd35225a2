import { NEVER, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { settlement, type How } from '../../src/consumer/settle.ts';
import { CommitFailedError } from '../../src/errors/index.ts';
import { codeOf } from '../../src/errors/table.ts';
import { committed, offsetsIn } from '../offsets/scenario.ts';
import { watch } from '../support/watch.ts';
import { Bench, group, manual } from './scenario.ts';

const why = new Error('why it ends');

function settling(bench: Bench, how: How = 'drained', error?: Error) {
  const settle = settlement(bench.engine);
  return { settle, ...watch(settle(how, error)) };
}

describe('the end of a consumer', () => {
  it('commits what is acked, leaves, releases everything, closes, and says so: once', () => {
    const bench = new Bench();
    let closed = 0;
    Object.assign(bench.engine, { cluster: { ...bench.engine.cluster, close: () => closed++ } });
    const { cursor, records } = bench.delivered(3);
    records[0]?.ack();
    const { log, values, settle } = settling(bench);
    expect([offsetsIn(bench.wire.only), bench.left, log]).toEqual([['t-0=1'], 0, []]);
    const second = watch(settle('failed', why));
    bench.wire.only.answer(committed(bench.wire.only));
    expect([values, log.at(-1), second.values]).toEqual([[undefined], '|', [undefined]]);
    expect([bench.left, closed, cursor.state.kind, bench.table.cursors.size]).toEqual([1, 1, 'released', 0]);
    expect(cursor.abort.signal.reason).toMatchObject({ name: 'ConsumerClosedError' });
    expect(bench.clock.toldOf('closed')).toEqual([{ kind: 'closed', how: 'drained', unacked: 2, uncommitted: 0 }]);
    expect(watch(settle('unsubscribed')).values).toEqual([undefined]);
    expect([bench.wire.sent.length, bench.clock.idle]).toEqual([1, true]);
  });

  it('goes on though nobody waits for it any more', () => {
    const bench = new Bench();
    bench.delivered(1).records[0]?.ack();
    const { unsubscribe } = settling(bench);
    unsubscribe();
    bench.wire.only.answer(committed(bench.wire.only));
    expect([bench.left, bench.clock.toldOf('closed').length]).toEqual([1, 1]);
  });

  it('is not begun by who only asks for it', () => {
    const bench = new Bench();
    bench.delivered(1).records[0]?.ack();
    void settlement(bench.engine)('drained');
    expect(bench.wire.sent).toEqual([]);
  });

  it('waits for the last commit no longer than closeTimeout, leaves all the same, and is an error then', () => {
    const bench = new Bench();
    bench.delivered(1).records[0]?.ack();
    const { values } = settling(bench);
    bench.clock.to(4_999);
    expect([values, bench.left]).toEqual([[], 0]);
    bench.clock.to(5_000);
    expect(values[0]).toBeInstanceOf(CommitFailedError);
    expect([bench.left, bench.wire.open, bench.clock.idle]).toEqual([1, [], true]);
    expect(bench.clock.toldOf('closed')).toMatchObject([{ uncommitted: 1 }]);
  });

  it('waits for the coordinator to let it go no longer than closeTimeout, and that is no error', () => {
    const bench = new Bench();
    bench.leaving = NEVER;
    const { values } = settling(bench);
    bench.clock.to(4_999);
    expect(values).toEqual([]);
    bench.clock.to(5_000);
    expect([values, bench.clock.idle]).toEqual([[undefined], true]);
  });

  it('takes closeTimeout at most, and a second for the good-bye where the commit took all of that', () => {
    const bench = new Bench();
    bench.leaving = NEVER;
    bench.delivered(1).records[0]?.ack();
    const { values } = settling(bench);
    bench.clock.to(5_999);
    expect(values).toHaveLength(0);
    bench.clock.to(6_000);
    expect(values).toHaveLength(1);
  });

  it('that goes wrong at the coordinator is no error', () => {
    const bench = new Bench();
    bench.leaving = throwError(() => new Error('no'));
    expect(settling(bench).values).toEqual([undefined]);
  });

  it('tries the last commit again within its time', () => {
    const bench = new Bench();
    bench.delivered(1).records[0]?.ack();
    const { values } = settling(bench);
    bench.wire.only.answer(committed(bench.wire.only, { 't-0': codeOf('NOT_COORDINATOR') }));
    bench.clock.to(100);
    bench.wire.only.answer(committed(bench.wire.only));
    expect(values).toEqual([undefined]);
  });

  it('is an error where the last commit was refused', () => {
    const bench = new Bench();
    bench.delivered(1).records[0]?.ack();
    const { values } = settling(bench);
    bench.wire.only.answer(committed(bench.wire.only, { 't-0': codeOf('ILLEGAL_GENERATION') }));
    expect(values).toMatchObject([{ code: 'COMMIT_FAILED', cause: { code: 'ILLEGAL_GENERATION' } }]);
  });

  it.each(['refused', 'not answered'])('keeps the error that it began with, also where the commit is %s', (what) => {
    const bench = new Bench();
    bench.delivered(1).records[0]?.ack();
    const { values } = settling(bench, 'failed', why);
    if (what === 'refused') bench.wire.only.answer(committed(bench.wire.only, { 't-0': codeOf('ILLEGAL_GENERATION') }));
    bench.clock.to(5_000);
    expect([values, bench.left]).toEqual([[why], 1]);
    expect(bench.clock.toldOf('closed')).toMatchObject([{ how: 'failed' }]);
  });

  it.each([
    ['commit: false', { commit: false as const }, 1],
    ['no group', { mode: manual }, 0],
  ])('commits nothing with %s', (_, settings, left) => {
    const bench = new Bench(settings);
    bench.delivered(1).records[0]?.ack();
    expect([settling(bench).values, bench.wire.sent, bench.left]).toEqual([[undefined], [], left]);
  });

  it.each([
    ['does not leave where it is to stay', { mode: { ...group, leaveOnClose: false } }],
    ['leaves no group that it is no member of', { mode: { ...manual, groupId: 'g' } }],
  ])('%s', (_, settings) => {
    const bench = new Bench(settings);
    expect([settling(bench).values, bench.left]).toEqual([[undefined], 0]);
  });
});
