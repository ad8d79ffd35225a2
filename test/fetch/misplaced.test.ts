import { describe, expect, it } from 'vitest';
import { batchOf } from '../table/scenario.ts';
import { batch, Bench, end, head, partition } from './scenario.ts';

/** One answer: the log is said to end at `end`, and the batch says that it begins at `base`, in that epoch. The position is 10, the leader's epoch 5. */
function answer(bench: Bench, highWatermark: number, base: number, leaderEpoch = 5): void {
  const round = bench.round();
  bench.take(round, head, partition(0, { highWatermark }), batch(batchOf(base, 2, { leaderEpoch })), end);
  round.free();
}

describe('a batch that cannot stand where it says', () => {
  it.each([
    ['behind the end of the log, and not next to what was read', 90, 1_000_000, 5],
    ['of an epoch that the leader has not come to', 90, 10, 6],
  ])('%s: is asked for once more, and then the stream errs', (_, highWatermark, base, epoch) => {
    const bench = new Bench([10]);
    const cursor = bench.cursor(0);
    answer(bench, highWatermark, base, epoch);
    expect([cursor.state.kind, cursor.fetchOffset, cursor.route.failures]).toEqual(['fetching', 10, 1]);
    bench.clock.by(200);
    answer(bench, highWatermark, base, epoch);
    expect(cursor.state).toMatchObject({ kind: 'failed', error: { code: 'CORRUPT_MESSAGE', firstOffset: base } });
    expect(cursor.state).toMatchObject({ error: { advice: expect.not.stringContaining('seek') as string } });
  });

  it('a good one in between ends the doubt', () => {
    const bench = new Bench([10]);
    const cursor = bench.cursor(0);
    for (const base of [1_000_000, 10, 1_000_000]) {
      answer(bench, 90, base);
      bench.clock.by(200);
    }
    expect([cursor.state.kind, cursor.fetchOffset]).toEqual(['fetching', 12]);
  });

  it('what was written while the broker read stands behind the end that it tells of, and is taken', () => {
    const bench = new Bench([10]);
    const cursor = bench.cursor(0);
    answer(bench, 10, 10);
    expect([cursor.fetchOffset, cursor.route.failures]).toEqual([12, 0]);
  });
});
