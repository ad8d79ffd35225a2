import { describe, expect, test } from 'vitest';
import { handledIn, lineOf } from './log.ts';
import { line } from './made.ts';
import { disordered, doubled, gaps, longest, longestHandler, lost } from './records.ts';

describe('a log', () => {
  test('is read as it was written', () => {
    const one = { partition: 3, offset: 7, written: 1_000, began: 1_001.25, at: 1_011.5, epoch: 2, generation: 4 };
    expect(handledIn('a', lineOf(one))).toEqual([{ member: 'a', ...one }]);
  });

  test('does not count what its writer was killed at', () => {
    const one = lineOf({ partition: 3, offset: 7, written: 0, began: 0, at: 0, epoch: 2, generation: 4 });
    expect(handledIn('a', one + one.slice(0, 9))).toHaveLength(1);
  });
});

describe('records', () => {
  test('are lost when nobody has handled them', () => {
    const handled = [line('a', 0, 0), line('b', 2, 2), line('a', 0, 3, { partition: 1 })];
    expect(lost([4, 1, 0], handled)).toEqual(['0@1', '0@3']);
    expect(lost([1, 1], handled)).toEqual([]);
  });

  test('are doubled each time that they are handled again, by whomever', () => {
    const handled = [line('b', 0, 5), line('a', 0, 1), line('a', 1, 2), line('a', 0, 9), line('a', 1, 3, { partition: 1 })];
    expect(doubled(handled).map(({ earlier, later }) => [earlier.at, later.at])).toEqual([
      [1, 5],
      [5, 9],
    ]);
  });

  test('are disordered when they come after a later one of their partition for the first time', () => {
    expect(disordered([line('a', 1, 1), line('a', 0, 2), line('a', 2, 3)]).map(({ offset }) => offset)).toEqual([0]);
    expect(disordered([line('a', 0, 1), line('a', 1, 2), line('b', 0, 3), line('a', 0, 4, { partition: 1 })])).toEqual([]);
  });
});

describe('a gap', () => {
  const lengths = (...handled: Parameters<typeof gaps>[0]): readonly (readonly [string, number])[] =>
    gaps(handled).map(({ kind, length }) => [kind, length]);

  test('is the time from one record to the next one of the partition', () => {
    expect(lengths(line('a', 0, 0), line('a', 1, 40, { written: 0 }), line('a', 0, 10, { partition: 1 }))).toEqual([['kept', 40]]);
  });

  test('does not count the time in which there was no record', () => {
    expect(lengths(line('a', 0, 0), line('a', 1, 4_000, { written: 3_990 }))).toEqual([['kept', 10]]);
  });

  test('is told apart: with the same member, given back to it, with another one', () => {
    const handled = [line('a', 0, 0), line('a', 1, 1, { epoch: 2, written: 0 }), line('b', 2, 3, { epoch: 2, written: 0 })];
    expect(lengths(...handled)).toEqual([
      ['returned', 1],
      ['moved', 2],
    ]);
  });

  test('is not ended by a record that had been handled before', () => {
    expect(lengths(line('a', 0, 0), line('b', 0, 50), line('b', 1, 90, { written: 0 }))).toEqual([['moved', 90]]);
  });

  test('is the longest of its kind', () => {
    const all = gaps([line('a', 0, 0), line('a', 1, 5, { written: 0 }), line('b', 2, 12, { written: 0 })]);
    expect([longest(all), longest(all, 'kept'), longest(all, 'returned'), longest(all, 'kept', 'moved')]).toEqual([7, 5, 0, 7]);
  });
});

test('the longest handler is told', () => {
  expect(longestHandler([line('a', 0, 10, { began: 0 }), line('a', 1, 30, { began: 15 })])).toBe(15);
});
