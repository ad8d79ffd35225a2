import { describe, expect, it } from 'vitest';
import { interestIn, ofInterest } from '../../src/cluster/interest.ts';
import { metadata, partition, topic } from './scenario.ts';

describe('an answer about all topics', () => {
  const all = metadata(
    [0],
    [topic('a', [partition(0, 0)]), topic('ab', []), topic('secret', [], { isInternal: true }), topic('named', [])],
  );
  const matches = (name: string, internal: boolean): boolean => name.startsWith('a') && !internal;
  const told = (names: readonly string[], known: readonly string[] = []) =>
    ofInterest(all, { names, matches }, known).topics.map(({ name, errorCode }) => [name, errorCode]);

  it('is about those that match and those that are named; a named one that is not among them is not there', () => {
    expect(told(['named', 'secret', 'missing'])).toEqual([
      ['a', 0],
      ['ab', 0],
      ['secret', 0],
      ['named', 0],
      ['missing', 3],
    ]);
  });

  it('denies those that were known and match, and says nothing of others', () => {
    expect(told([], ['a', 'axe', 'other'])).toEqual([
      ['a', 0],
      ['ab', 0],
      ['axe', 3],
    ]);
  });

  it('is as it is where only names were asked for', () => {
    expect(ofInterest(all, interestIn(['a', 'missing']), [])).toBe(all);
  });
});
