import { describe, expect, test } from 'vitest';
import { everyPartition, line, tells } from './made.ts';
import { generations, isWhole, overlaps, terms, unowned } from './ownership.ts';

describe('a term', () => {
  test('begins with the assignment and ends with the word of the member', () => {
    const told = [tells('a', 'assigned', 1, [0, 1]), tells('a', 'revokeRequested', 2, [0]), tells('a', 'revoked', 3, [0])];
    expect(terms([...told, tells('a', 'closed', 9)])).toEqual([
      { member: 'a', partition: 0, from: 1, until: 3 },
      { member: 'a', partition: 1, from: 1, until: 9 },
    ]);
    expect(terms([...told, tells('a', 'lost', 5, [1])]).map(({ until }) => until)).toEqual([3, 5]);
  });

  test('goes on when it is assigned once more, and while nothing is told', () => {
    const told = [tells('a', 'assigned', 1, [0]), tells('a', 'assigned', 5, [0])];
    expect(terms(told)).toEqual([{ member: 'a', partition: 0, from: 1, until: Infinity }]);
  });

  test('ends with the death of the member', () => {
    expect(terms([tells('a', 'assigned', 1, [0]), tells('b', 'assigned', 1, [1])], [{ member: 'a', at: 4 }])).toEqual([
      { member: 'a', partition: 0, from: 1, until: 4 },
      { member: 'b', partition: 1, from: 1, until: Infinity },
    ]);
  });
});

describe('who has a partition', () => {
  test('has it alone', () => {
    const both = [tells('a', 'assigned', 1, [0]), tells('b', 'assigned', 2, [0]), tells('a', 'revoked', 3, [0])];
    expect(overlaps(terms(both))).toEqual(['0: a and b']);
    const inTurn = [tells('a', 'assigned', 1, [0]), tells('a', 'revoked', 2, [0]), tells('b', 'assigned', 2, [0])];
    expect(overlaps(terms(inTurn))).toEqual([]);
  });

  test('may handle its records, and nobody else, neither before nor afterwards', () => {
    const own = terms([tells('a', 'assigned', 10, [0]), tells('a', 'revoked', 20, [0])]);
    const handled = [line('a', 0, 9), line('a', 1, 10), line('a', 2, 20), line('a', 3, 21), line('b', 4, 15)];
    expect(unowned([...handled, line('a', 0, 15, { partition: 1 })], own).map(({ at }) => at)).toEqual([9, 21, 15, 15]);
  });
});

describe('a group', () => {
  const half = everyPartition.slice(0, 6);
  const otherHalf = everyPartition.slice(6);

  test('is whole when each partition is one member’s and the shares are equal', () => {
    const told = [tells('a', 'assigned', 1, half), tells('b', 'assigned', 1, otherHalf)];
    expect(isWhole(terms(told), ['a', 'b'], 12)).toBe(true);
    expect(isWhole(terms(told), ['a', 'b', 'c'], 12)).toBe(false);
  });

  test('is not whole while a partition is nobody’s, or two members’, or one has all', () => {
    const one = tells('a', 'assigned', 1, half);
    expect(isWhole(terms([one]), ['a'], 12)).toBe(false);
    expect(isWhole(terms([one, tells('b', 'assigned', 1, otherHalf), tells('b', 'revoked', 2, [11])]), ['a', 'b'], 12)).toBe(false);
    expect(isWhole(terms([one, tells('b', 'assigned', 1, half)]), ['a', 'b'], 12)).toBe(false);
    expect(isWhole(terms([tells('a', 'assigned', 1, everyPartition), tells('b', 'assigned', 1)]), ['a', 'b'], 12)).toBe(false);
    expect(isWhole(terms([tells('a', 'assigned', 1, [...half, ...otherHalf.slice(1), 0])]), ['a'], 12)).toBe(false);
  });

  test('has as many generations as its members have seen together', () => {
    const joined = (member: string, generation: number) => ({ ...tells(member, 'joined', generation), generation });
    expect(generations([joined('a', 1), joined('a', 2), joined('b', 2), joined('b', 3), tells('a', 'assigned', 1)])).toBe(3);
  });
});
