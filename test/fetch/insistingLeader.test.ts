import { expect, test } from 'vitest';
import { begin } from '../../src/fetch/round.ts';
import { noSession } from '../../src/fetch/session.ts';
import { Bench, end, head, partition } from './scenario.ts';

/** A replica.selector.class that names a follower whatever rack we are in. The follower says `bad` times no. Returns when it was asked (ms). */
function life(bad: number): { readonly asked: number[]; readonly rounds: number } {
  const bench = new Bench([10]);
  const cursor = bench.cursor(0);
  const asked: number[] = [];
  let rounds = 0;
  let left = bad;
  for (let now = 1_000; now < 600_000; now += 50) {
    bench.clock.to(now);
    for (let i = 0; i < 10; i++) {
      const row = bench.table.rows.get(cursor.route.source);
      if (row === undefined) throw new Error('no row');
      const round = begin(bench.table, row, noSession, bench.settings, now);
      if (round === undefined) break;
      rounds++;
      if (row.nodeId === 1) asked.push(now);
      bench.take(
        round,
        head,
        row.nodeId === 0 ? partition(0, { preferredReadReplica: 1 }) : partition(0, left-- > 0 ? { errorCode: 5 } : {}),
        end,
      );
      round.free();
    }
    if (left < 0) break; // it answered
  }
  return { asked, rounds };
}

test('a follower that failed once is asked again where the leader gives nothing and insists on it', () => {
  const { asked } = life(1);
  expect(asked).toHaveLength(2);
  expect(asked[1]).toBeLessThan(2_000);
});

test('one that fails always is not asked at the speed of the network', () => {
  const { rounds } = life(Infinity);
  expect(rounds).toBeLessThan(2 * 6_000 + 10); // 600 s, 100 ms
});
