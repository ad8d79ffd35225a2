import { describe, expect, it } from 'vitest';
import { ConnectionError } from '../../src/errors/index.ts';
import { codeOf } from '../../src/errors/table.ts';
import { lookUpMarks } from '../../src/offsets/marks.ts';
import { watch, type Watched } from '../support/watch.ts';
import { Clock, viewOf } from '../table/scenario.ts';
import { listed, questionsIn, Wire, type Pending } from './scenario.ts';

const twoLeaders = viewOf([0, 1], { 't-0': [0, 3], 't-1': [1, 4], 't-2': [0, 3] });

class Bench {
  readonly clock: Clock = new Clock();
  readonly wire: Wire = new Wire();
  readonly search: Watched<ReadonlyMap<string, { readonly offset: number }>>;

  constructor(partitions: readonly number[], stopAt: 'end' | { timestamp: number } = 'end', view = twoLeaders) {
    this.wire.view = view;
    const marking = { context: this.clock.context, cluster: this.wire.cluster, isolationLevel: 'read_committed', stopAt } as const;
    this.search = watch(
      lookUpMarks(
        marking,
        partitions.map((partition) => ({ topic: 't', partition })),
      ),
    );
  }

  to(broker: number): Pending {
    const found = this.wire.open.find(({ to }) => to === `broker ${String(broker)}`);
    if (found === undefined) throw new Error(`nothing waits for broker ${String(broker)}`);
    return found;
  }

  answer(broker: number, offsets: Readonly<Record<string, number | readonly [number]>>): void {
    const pending = this.to(broker);
    pending.answer(listed(pending, offsets));
  }

  get found(): unknown {
    return this.search.values.map((marks) => Object.fromEntries([...marks].map(([key, { offset }]) => [key, offset])));
  }
}

describe('the marks of `stopAt`', () => {
  it('are asked of all leaders at once, and told once, when all are known', () => {
    const bench = new Bench([0, 1, 2]);
    expect(bench.wire.open.map((pending) => [pending.to, questionsIn(pending)])).toEqual([
      ['broker 0', ['t-0@3:-1', 't-2@3:-1']],
      ['broker 1', ['t-1@4:-1']],
    ]);
    bench.answer(1, { 't-1': 7 });
    expect(bench.search.log).toEqual([]);
    bench.answer(0, { 't-0': 0, 't-2': 9 });
    expect([bench.found, bench.search.log.at(-1), bench.clock.idle]).toEqual([[{ 't-0': 0, 't-1': 7, 't-2': 9 }], '|', true]);
  });

  it('of nothing are none', () => {
    expect(new Bench([]).found).toEqual([{}]);
  });

  it('at a time are the first record from then on; where there is none, the end as it is now', () => {
    const bench = new Bench([0, 2], { timestamp: 88 });
    expect(questionsIn(bench.to(0))).toEqual(['t-0@3:88', 't-2@3:88']);
    bench.answer(0, { 't-0': 5, 't-2': -1 });
    bench.clock.to(100);
    expect(questionsIn(bench.to(0))).toEqual(['t-2@3:-1']);
    bench.answer(0, { 't-2': 20 });
    expect(bench.found).toEqual([{ 't-0': 5, 't-2': 20 }]);
  });

  it('of a partition without a leader wait for one: metadata is asked for, and what is known is kept', () => {
    const bench = new Bench([0, 1], 'end', viewOf([0, 1], { 't-0': [0, 3], 't-1': [-1, 3] }));
    bench.answer(0, { 't-0': 5 });
    bench.clock.to(100);
    expect([bench.wire.open, bench.wire.invalidated]).toEqual([[], 1]);
    bench.wire.view = twoLeaders;
    bench.clock.to(1_000);
    bench.answer(1, { 't-1': 6 });
    expect(bench.found).toEqual([{ 't-0': 5, 't-1': 6 }]);
  });

  it('are asked for with the back-off while nothing is learnt', () => {
    const bench = new Bench([0], 'end', viewOf([0], { 't-0': [-1, -1] }));
    const asked = [100, 299, 300, 699, 700].map((ms) => {
      bench.clock.to(ms);
      return bench.wire.invalidated;
    });
    expect(asked).toEqual([2, 2, 3, 3, 4]);
  });

  it.each([
    ['a lost connection', (bench: Bench) => bench.to(0).fail(new ConnectionError('CONNECTION_LOST', 'gone')), 1],
    ['a leader that is none', (bench: Bench) => bench.answer(0, { 't-0': [codeOf('NOT_LEADER_OR_FOLLOWER')] }), 1],
    ['no answer for it', (bench: Bench) => bench.answer(0, {}), 0],
  ])('are asked for again after %s', (_, fail, invalidated) => {
    const bench = new Bench([0]);
    fail(bench);
    expect([bench.search.log, bench.wire.open, bench.wire.invalidated]).toEqual([[], [], invalidated]);
    bench.clock.to(99);
    expect(bench.wire.open).toEqual([]);
    bench.clock.to(100);
    bench.answer(0, { 't-0': 4 });
    expect(bench.found).toEqual([{ 't-0': 4 }]);
  });

  it.each([
    [
      'an answer that is final',
      (bench: Bench) => bench.answer(0, { 't-0': [codeOf('TOPIC_AUTHORIZATION_FAILED')] }),
      { code: 'TOPIC_AUTHORIZATION_FAILED' },
    ],
    ['a defect of our own', (bench: Bench) => bench.to(0).fail(new TypeError('ours')), { message: 'ours' }],
  ])('cannot be had after %s', (_, fail, error) => {
    const bench = new Bench([0, 1]);
    fail(bench);
    expect(bench.search.error()).toMatchObject(error);
    expect([bench.wire.open, bench.clock.idle, bench.clock.told]).toEqual([[], true, []]);
  });

  it('leave nothing behind when nobody waits for them', () => {
    const bench = new Bench([0]);
    bench.search.unsubscribe();
    expect([bench.wire.open, bench.clock.idle]).toEqual([[], true]);
  });
});
