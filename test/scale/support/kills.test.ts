import { describe, expect, test } from 'vitest';
import { allowance, costs, uncommitted, unexplained, type Kill } from './kills.ts';
import { line } from './made.ts';
import { doubled } from './records.ts';

const interval = 1_000;
const partitions = 12;
/** A record a second from 0 to 9 s; killed at 9.5 s. */
const work = Array.from({ length: 10 }, (_, offset) => line('a', offset, offset * 1_000));
const kill: Kill = { members: ['a'], looked: 9_400, committed: [8], at: 9_500, until: 9_600 };

describe('what a kill costs', () => {
  const costOf = (again: readonly ReturnType<typeof line>[], kills: readonly Kill[] = [kill]) => {
    const handled = [...work, ...again];
    return costs(kills, handled, doubled(handled), { interval, partitions });
  };

  test('may be what was acked in the last interval and a second, and one record of each partition', () => {
    expect(allowance(work, 'a', kill, interval, partitions)).toBe(2 + 1);
    expect(allowance([...work, line('a', 0, 1, { partition: 1 })], 'a', kill, interval, partitions)).toBe(2 + 2);
    expect(allowance(work, 'b', kill, interval, partitions)).toBe(0);
  });

  test('is put down to the one who was killed, whether it was the first or the second to do the work', () => {
    expect(costOf([line('b', 8, 16_000), line('b', 9, 16_001)])).toEqual([{ member: 'a', doubled: 2, allowed: 3 }]);
    expect(costOf([line('b', 10, 16_000), line('a', 10, 22_000)])).toEqual([{ member: 'a', doubled: 1, allowed: 3 }]);
  });

  test('counts what the member still did while it was being killed, and nothing after that', () => {
    const last = [line('a', 10, 9_550), line('b', 10, 16_000)];
    expect(costOf(last)).toEqual([{ member: 'a', doubled: 1, allowed: 4 }]);
    expect(unexplained([kill], doubled([line('a', 10, 9_601), line('b', 10, 16_000)]))).toHaveLength(1);
  });

  test('is not put down to a later kill of the one who did the work again', () => {
    const later: Kill = { members: ['b'], looked: 19_000, committed: [10], at: 20_000, until: 20_000 };
    expect(costOf([line('b', 8, 16_000), line('b', 9, 16_001)], [kill, later])).toMatchObject([{ doubled: 2 }, { doubled: 0 }]);
  });

  test('is put down to the kill that it came from, where one is silent twice', () => {
    const second: Kill = { ...kill, at: 30_000, until: 30_000 };
    const again = [line('a', 20, 29_000), line('b', 20, 36_000), line('b', 9, 16_000), line('b', 21, 37_000), line('a', 21, 38_000)];
    expect(costOf(again, [kill, second])).toMatchObject([{ doubled: 1 }, { doubled: 2 }]);
  });

  test('is told when it is too much', () => {
    const again = Array.from({ length: 4 }, (_, index) => line('b', 6 + index, 16_000 + index));
    expect(costOf(again)).toEqual([{ member: 'a', doubled: 4, allowed: 3 }]);
  });

  test('does not explain what others do twice', () => {
    const others = [line('b', 20, 16_000), line('c', 20, 16_001), line('b', 9, 16_000)];
    expect(unexplained([kill], doubled([...work, ...others])).map(({ later }) => later.offset)).toEqual([20]);
    expect(unexplained([], doubled([...work, line('a', 9, 16_000)]))).toHaveLength(1);
  });
});

describe('what was acked an interval and a second before a kill', () => {
  test('is committed', () => {
    expect(uncommitted(kill, work, interval)).toEqual([]);
    expect(uncommitted({ ...kill, committed: [9] }, work, interval)).toEqual([]);
    expect(uncommitted({ ...kill, committed: [7] }, work, interval)).toEqual(['0@7']);
    expect(uncommitted({ ...kill, committed: [] }, work.slice(0, 1), interval)).toEqual(['0@0']);
  });
});
