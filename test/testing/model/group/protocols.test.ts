import { describe, expect, it } from 'vitest';
import { areSame, elect, haveInCommon } from '../../../../src/testing/model/group/protocols.ts';

/** `'a b'`: prefers a. */
const speaks = (names: string) => names.split(' ').map((name) => ({ name, metadata: Buffer.from(name) }));

describe('the protocol of a group', () => {
  it.each<[string, readonly string[], string | undefined]>([
    ['the only one', ['a'], 'a'],
    ['the first of each that all speak', ['a b', 'b'], 'b'],
    ['the one with most votes', ['a b', 'b a', 'b a'], 'b'],
    ['no votes for what not all speak', ['c a b', 'c b a', 'b a'], 'b'],
    ['among equals what stands first in a HashMap', ['sticky range', 'range sticky'], 'sticky'],
    ['among equals what stands first in a HashMap, whoever came first', ['range sticky', 'sticky range'], 'sticky'],
    ['among equals, with long names', ['cooperative-sticky range', 'range cooperative-sticky'], 'range'],
    ['none', ['a', 'b'], undefined],
  ])('is %s', (_, members, chosen) => {
    expect(elect(members.map((each) => speaks(each)))).toBe(chosen);
  });

  it.each<[string, readonly string[], boolean]>([
    ['a', ['a', 'a b'], true],
    ['b', ['a', 'a b'], false],
    ['b', [], true],
    ['none', ['a'], false],
    ['b a', ['a', 'a c'], true],
    // Each has one in common with the newcomer, but not the same one.
    ['a b', ['a', 'b'], false],
  ])('%s fits to %j: %s', (own, others, fits) => {
    expect(
      haveInCommon(
        speaks(own),
        others.map((each) => speaks(each)),
      ),
    ).toBe(fits);
  });

  it('is the same with the same names, bytes and order only', () => {
    expect(areSame(speaks('a b'), speaks('a b'))).toBe(true);
    expect(areSame(speaks('a b'), speaks('b a'))).toBe(false);
    expect(areSame(speaks('a b'), speaks('a c'))).toBe(false);
    expect(areSame(speaks('a b'), speaks('a'))).toBe(false);
    expect(areSame(speaks('a'), speaks('a b'))).toBe(false);
    expect(areSame(speaks('a'), [{ name: 'a', metadata: Buffer.from('b') }])).toBe(false);
  });
});
