import {
  array,
  assert,
  constantFrom,
  dictionary,
  nat,
  option,
  property,
  record,
  shuffledSubarray,
  string,
  uniqueArray,
  type Arbitrary,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GroupMember } from '../../../src/group/assignor.ts';
import { range } from '../../../src/group/assignors/range.ts';

const topicNames = ['t0', 't1', 't2', 'T', 'é'];

function member(memberId: string, topics: readonly string[], instanceId: string | null = null): GroupMember {
  return { memberId, instanceId, topics, userData: null, owned: [], generation: -1 };
}

/** `{ a: 't-0 t-1' }` */
function shown(members: readonly GroupMember[], counts: Record<string, number>): Record<string, string> {
  const assigned = range.assign(members, new Map(Object.entries(counts)));
  return Object.fromEntries(
    [...assigned].map(([id, list]) => [id, list.map(({ topic, partition }) => `${topic}-${String(partition)}`).join(' ')]),
  );
}

describe('range', () => {
  it('is the assignor that Java calls range, and eager', () => {
    expect([range.name, range.protocol]).toEqual(['range', 'eager']);
  });

  // From the tests of Java's RangeAssignor: same members, same partitions.
  it.each<[string, readonly GroupMember[], Record<string, number>, Record<string, string>]>([
    ['one member, no such topic', [member('a', ['t'])], {}, { a: '' }],
    ['one member, no topic', [member('a', [])], { t: 3 }, { a: '' }],
    ['one member, one topic', [member('a', ['t'])], { t: 3 }, { a: 't-0 t-1 t-2' }],
    ['only the topics subscribed to', [member('a', ['t'])], { t: 3, other: 3 }, { a: 't-0 t-1 t-2' }],
    ['two members, one partition', [member('a', ['t']), member('b', ['t'])], { t: 1 }, { a: 't-0', b: '' }],
    ['two members, two partitions', [member('a', ['t']), member('b', ['t'])], { t: 2 }, { a: 't-0', b: 't-1' }],
    [
      'mixed topics',
      [member('a', ['t1']), member('b', ['t1', 't2']), member('c', ['t1'])],
      { t1: 3, t2: 2 },
      { a: 't1-0', b: 't1-1 t2-0 t2-1', c: 't1-2' },
    ],
    [
      'two topics of three partitions: the first member has the odd one of both',
      [member('a', ['t1', 't2']), member('b', ['t1', 't2'])],
      { t1: 3, t2: 3 },
      { a: 't1-0 t1-1 t2-0 t2-1', b: 't1-2 t2-2' },
    ],
    [
      'static members first, by instance id',
      [member('a', ['t']), member('z', ['t'], 'i1'), member('y', ['t'], 'i2')],
      { t: 4 },
      { z: 't-0 t-1', y: 't-2', a: 't-3' },
    ],
    [
      'by UTF-16 units, not by locale',
      [member('b', ['t']), member('A', ['t']), member('é', ['t'])],
      { t: 3 },
      { A: 't-0', b: 't-1', é: 't-2' },
    ],
  ])('%s', (_, members, counts, expected) => {
    expect(shown(members, counts)).toEqual(expected);
  });

  const group: Arbitrary<readonly GroupMember[]> = uniqueArray(
    record({
      memberId: string({ maxLength: 4 }),
      topics: shuffledSubarray(topicNames),
      instanceId: option(constantFrom('i', 'j', 'k'), { freq: 2 }),
    }),
    { selector: ({ memberId }) => memberId, minLength: 1, maxLength: 8 },
  ).map((members) =>
    members.map(({ memberId, topics, instanceId }, index) =>
      member(memberId, topics, instanceId === null ? null : instanceId + String(index)),
    ),
  );
  const counts = dictionary(constantFrom(...topicNames), nat(20));

  function holds(check: (members: readonly GroupMember[], partitions: ReadonlyMap<string, number>) => void): void {
    assert(property(group, counts, (members, partitions) => check(members, new Map(Object.entries(partitions)))));
  }

  it('gives every partition that somebody subscribes to once, to a subscriber, in runs that differ by one at most', () => {
    holds((members, partitions) => {
      const assigned = range.assign(members, partitions);
      for (const topic of topicNames) {
        const subscribers = members.filter(({ topics }) => topics.includes(topic));
        const runs = members.map(
          ({ memberId }) => assigned.get(memberId)?.flatMap((one) => (one.topic === topic ? [one.partition] : [])) ?? [],
        );
        const all = runs.flat().sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: subscribers.length === 0 ? 0 : (partitions.get(topic) ?? 0) }, (_, index) => index));
        for (const run of runs) expect(run).toEqual(run.map((_, index) => (run[0] ?? 0) + index));
        const sizes = runs
          .filter((_, index) => subscribers.some(({ memberId }) => memberId === members[index]?.memberId))
          .map(({ length }) => length);
        expect(sizes.length === 0 ? 0 : Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(runs.flat()).toHaveLength(sizes.reduce((sum, size) => sum + size, 0));
      }
    });
  });

  it('does not depend on the order in which the members come', () => {
    assert(
      property(group, counts, array(nat(), { minLength: 8, maxLength: 8 }), (members, partitions, keys) => {
        const shuffled = members
          .map((one, index) => [keys[index] ?? 0, one] as const)
          .sort(([a], [b]) => a - b)
          .map(([, one]) => one);
        expect(shown(shuffled, partitions)).toEqual(shown(members, partitions));
      }),
    );
  });
});
