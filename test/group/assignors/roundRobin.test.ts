import { assert, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GroupMember } from '../../../src/group/assignor.ts';
import { roundRobin } from '../../../src/group/assignors/roundRobin.ts';
import { groups, keyOf, member, shown, wanted } from './groups.ts';

describe('roundRobin', () => {
  it('is the assignor that Java calls roundrobin, and eager', () => {
    expect([roundRobin.name, roundRobin.protocol]).toEqual(['roundrobin', 'eager']);
  });

  it.each<[string, readonly GroupMember[], Record<string, number>, Record<string, string>]>([
    ['one member, no such topic', [member('a', ['t'])], {}, { a: '' }],
    ['one member, one topic', [member('a', ['t'])], { t: 3 }, { a: 't-0 t-1 t-2' }],
    ['only the topics subscribed to', [member('a', ['t'])], { t: 2, other: 3 }, { a: 't-0 t-1' }],
    ['two members, one partition', [member('a', ['t']), member('b', ['t'])], { t: 1 }, { a: 't-0', b: '' }],
    [
      'topics in a row, not each from the start',
      [member('a', ['t1', 't2']), member('b', ['t2', 't1'])],
      { t1: 3, t2: 3 },
      { a: 't1-0 t1-2 t2-1', b: 't1-1 t2-0 t2-2' },
    ],
    [
      'mixed topics: who does not subscribe is passed over',
      [member('a', ['t1']), member('b', ['t1', 't2']), member('c', ['t1'])],
      { t1: 3, t2: 2 },
      { a: 't1-0', b: 't1-1 t2-0 t2-1', c: 't1-2' },
    ],
    [
      'static members first, by instance id',
      [member('a', ['t']), member('z', ['t'], { instanceId: 'i1' }), member('y', ['t'], { instanceId: 'i2' })],
      { t: 4 },
      { z: 't-0 t-3', y: 't-1', a: 't-2' },
    ],
    ['nobody', [], { t: 3 }, {}],
  ])('%s', (_, members, counts, expected) => {
    expect(shown(roundRobin.assign(members, new Map(Object.entries(counts))))).toEqual(expected);
  });

  it('gives every partition once, to a subscriber; evenly where all subscribe to the same', () => {
    assert(
      property(groups({ equal: true }), (group) => {
        const sizes = [...roundRobin.assign(group.members, group.counts).values()].map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
    assert(
      property(groups(), (group) => {
        const assigned = roundRobin.assign(group.members, group.counts);
        expect([...assigned.values()].flat().map(keyOf).sort()).toEqual(wanted(group).toSorted());
        for (const { memberId, topics } of group.members)
          for (const { topic } of assigned.get(memberId) ?? []) expect(topics).toContain(topic);
        expect(shown(roundRobin.assign(group.members.toReversed(), group.counts))).toEqual(shown(assigned));
      }),
    );
  });
});
