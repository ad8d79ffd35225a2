import { assert, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GroupMember } from '../../../src/group/assignor.ts';
import { cooperativeSticky } from '../../../src/group/assignors/cooperativeSticky.ts';
import { joinRequest } from '../../../src/group/messages.ts';
import type { TopicPartition } from '../../../src/model/topicPartition.ts';
import {
  groups,
  keyOf,
  lopsided,
  member,
  moved,
  partitions,
  rightfulOwner,
  rounds,
  shown,
  wanted,
  type Assignment,
  type Group,
} from './groups.ts';

/** A member that subscribes to `t`. */
function holder(memberId: string, owned: string, generation = 1, topics = ['t']): GroupMember {
  return member(memberId, topics, { owned: partitions(owned), generation });
}

function assigned(members: readonly GroupMember[], counts: Record<string, number>): readonly Record<string, string>[] {
  return rounds(cooperativeSticky, { members, counts: new Map(Object.entries(counts)) }).map(shown);
}

describe('cooperativeSticky', () => {
  it('is the assignor that Java calls cooperative-sticky', () => {
    expect([cooperativeSticky.name, cooperativeSticky.protocol]).toEqual(['cooperative-sticky', 'cooperative']);
  });

  it('tells the generation in its user data, as Java does', () => {
    expect(cooperativeSticky.subscribe?.(['t'], [], -1)).toEqual(Buffer.from('ffffffff', 'hex'));
    expect(cooperativeSticky.subscribe?.(['t'], [], 2)).toEqual(Buffer.from('00000002', 'hex'));
    const settings = { groupId: 'g', sessionTimeout: 1, heartbeatInterval: 1, rebalanceTimeout: 1, assignors: [cooperativeSticky] };
    const [protocol] = joinRequest(settings, { memberId: '', topics: ['t'], owned: [], assignedIn: -1, reason: null }).protocols;
    expect(protocol?.metadata.toString('hex')).toBe('0003' + '00000001' + '000174' + '00000004ffffffff' + '00000000' + 'ffffffff' + 'ffff');
  });

  it('deals out what nobody holds', () => {
    expect(assigned([member('b', ['t', 'u']), member('a', ['u', 't'])], { t: 3, u: 2 })).toEqual([{ a: 't-0 t-2 u-1', b: 't-1 u-0' }]);
  });

  it('leaves out what moves until its owner has given it up', () => {
    expect(assigned([holder('a', 't-0 t-1 t-2'), member('b', ['t'])], { t: 3 })).toEqual([
      { a: 't-0 t-1', b: '' },
      { a: 't-0 t-1', b: 't-2' },
    ]);
  });

  it('gives at once what its owner has left behind', () => {
    expect(assigned([holder('a', 't-0 t-3'), holder('c', 't-2 t-5')], { t: 6 })).toEqual([{ a: 't-0 t-3 t-1', c: 't-2 t-5 t-4' }]);
  });

  it('takes from all topics alike', () => {
    const both = ['t', 'u'];
    expect(assigned([holder('a', 't-0 t-1 t-2 u-0 u-1 u-2', 1, both), member('b', both)], { t: 3, u: 3 }).at(-1)).toEqual({
      a: 't-0 u-0 t-1',
      b: 't-2 u-1 u-2',
    });
  });

  it('leaves the odd one where it is', () => {
    expect(assigned([holder('a', 't-0'), holder('b', 't-1 t-2')], { t: 3 })).toEqual([{ a: 't-0', b: 't-1 t-2' }]);
  });

  it('believes the later generation', () => {
    expect(assigned([holder('a', 't-0 t-1', 7), holder('b', 't-0 t-2', 6)], { t: 3 })).toEqual([{ a: 't-0 t-1', b: 't-2' }]);
  });

  it('believes the latest of three, whatever their order', () => {
    const later = [holder('b', 't-0 t-2', 5), holder('c', 't-0 t-1', 4)];
    expect(assigned([holder('a', 't-0 t-3', 3), ...later], { t: 4 })).toEqual([{ a: 't-3', b: 't-0 t-2', c: 't-1' }]);
    const undecided = [holder('b', 't-0 t-2', 4), holder('c', 't-0 t-1', 4)];
    expect(assigned([holder('a', 't-0 t-3', 3), ...undecided], { t: 4 })).toEqual([
      { a: 't-3', b: 't-2', c: 't-1' },
      { a: 't-3 t-0', b: 't-2', c: 't-1' },
    ]);
  });

  it('waits for the rightful owner even where the partition goes to one who claims it wrongly', () => {
    expect(assigned([holder('a', 't-2', 3), holder('b', 't-0 t-1 t-2', 4)], { t: 3 })).toEqual([
      { a: '', b: 't-0 t-1' },
      { a: 't-2', b: 't-0 t-1' },
    ]);
  });

  it('believes the user data of a subscription that tells no generation', () => {
    const old = { ...holder('b', 't-0 t-1', -1), userData: Buffer.from('00000006', 'hex') };
    expect(assigned([holder('a', 't-0', 7), old], { t: 2 })).toEqual([{ a: 't-0', b: 't-1' }]);
    expect(assigned([holder('a', 't-0', 5), old], { t: 2 }).at(-1)).toEqual({ a: 't-1', b: 't-0' });
    const broken = { ...old, userData: Buffer.from('07', 'hex') };
    expect(assigned([holder('a', 't-0', 0), broken], { t: 2 })).toEqual([{ a: 't-0', b: 't-1' }]);
  });

  it('gives a partition that two claim in one generation to nobody before both have given it up', () => {
    expect(assigned([holder('a', 't-0 t-1'), holder('b', 't-0')], { t: 2 })).toEqual([
      { a: 't-1', b: '' },
      { a: 't-1', b: 't-0' },
    ]);
  });

  it('does not take a claim that is made twice for two', () => {
    expect(assigned([holder('a', 't-1 t-1'), member('b', ['t'])], { t: 2 })).toEqual([{ a: 't-1', b: 't-0' }]);
  });

  it('does not mind what is held of topics that are gone, have fewer partitions or are not subscribed to', () => {
    const members = [holder('a', 'gone-0 gone-1 t-7 u-0'), member('b', ['t', 'u'])];
    expect(assigned(members, { t: 2, u: 1 })).toEqual([
      { a: 't-0 t-1', b: '' },
      { a: 't-0 t-1', b: 'u-0' },
    ]);
  });

  it('evens out over a chain of subscriptions', () => {
    // a has four and no topic in common with c, which has none: b stands between them
    const members = [
      holder('a', 't-0 t-1 t-2 t-3'),
      member('b', ['t', 'u'], { owned: partitions('u-0 u-1'), generation: 1 }),
      member('c', ['u']),
    ];
    const last = assigned(members, { t: 4, u: 2 }).at(-1) ?? {};
    expect(Object.values(last).map((list) => list.split(' ').length)).toEqual([2, 2, 2]);
  });

  it('assigns nothing to nobody', () => {
    expect(cooperativeSticky.assign([], new Map([['t', 1]]))).toEqual(new Map());
  });
});

describe('cooperativeSticky, in any group', () => {
  const any = groups({ shrunk: true });

  function last(group: Group): Assignment {
    return rounds(cooperativeSticky, group).at(-1) ?? new Map();
  }

  it('is at rest after two rounds, and then every partition is with one subscriber', () => {
    assert(
      property(any, (group) => {
        expect(rounds(cooperativeSticky, group).length).toBeLessThanOrEqual(2);
        const final = last(group);
        expect([...final.values()].flat().map(keyOf).sort()).toEqual(wanted(group).toSorted());
        for (const { memberId, topics } of group.members)
          for (const { topic } of final.get(memberId) ?? []) expect(topics).toContain(topic);
      }),
    );
  });

  it('gives nobody what another member says that it holds, unless it is rightly its own', () => {
    assert(
      property(any, (group) => {
        for (const [id, list] of cooperativeSticky.assign(group.members, group.counts)) {
          const others = new Set(group.members.flatMap(({ memberId, owned }) => (memberId === id ? [] : owned.map(keyOf))));
          for (const one of list) expect(others.has(keyOf(one)) && rightfulOwner(group, one) !== id).toBe(false);
        }
      }),
    );
  });

  it('gives at once everything that need not wait', () => {
    assert(
      property(any, (group) => {
        const first = cooperativeSticky.assign(group.members, group.counts);
        const given = new Set([...first.values()].flat().map(keyOf));
        const held = new Set(group.members.flatMap(({ owned }) => owned.map(keyOf)));
        expect(wanted(group).filter((key) => !given.has(key) && !held.has(key))).toEqual([]);
      }),
    );
  });

  it('is as even as it can be, and of all ways to be so takes one that moves the least', () => {
    function isBest(group: Group): void {
      const final = last(group);
      const squares = [...final.values()].reduce((sum, { length }) => sum + length ** 2, 0);
      expect([squares, moved(group, final)]).toEqual(best(group));
    }
    assert(property(lopsided, isBest), { numRuns: 1_500 });
    assert(property(groups({ shrunk: true, size: 4 }), isBest));
  });

  it('where all subscribe to the same: they differ by one at most, and nobody loses one and gets another', () => {
    assert(
      property(groups({ shrunk: true, equal: true, size: 10 }), (group) => {
        const final = last(group);
        const sizes = [...final.values()].map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        for (const { memberId, owned } of group.members) {
          const rightful = owned.filter((one) => rightfulOwner(group, one) === memberId).map(keyOf);
          const has = new Set(final.get(memberId)?.map(keyOf));
          const loses = rightful.some((key) => !has.has(key));
          expect(loses && [...has].some((key) => !rightful.includes(key))).toBe(false);
        }
      }),
    );
  });

  it('leaves everything as it is when it is as it should be', () => {
    assert(
      property(any, ({ members, counts }) => {
        const before = last({ members, counts });
        const after = members.map((one) => ({ ...one, owned: before.get(one.memberId) ?? [], generation: 9 }));
        expect(moved({ members: after, counts }, cooperativeSticky.assign(after, counts))).toBe(0);
      }),
    );
  });

  it('does not depend on the order in which the members come, nor on that of what they hold', () => {
    assert(
      property(any, ({ members, counts }) => {
        const turned = members.toReversed().map((one) => ({ ...one, owned: one.owned.toReversed(), topics: one.topics.toReversed() }));
        expect(shown(cooperativeSticky.assign(turned, counts))).toEqual(
          shown(cooperativeSticky.assign(members, new Map([...counts].toReversed()))),
        );
      }),
    );
  });
});

/** The least sum of squares that any assignment has, and how few partitions it can take from their owners: by trying all, load by load. */
function best(group: Group): readonly [number, number] {
  let cheapest = new Map([[group.members.map(() => 0).join(), 0]]);
  for (const partition of all(group)) {
    const owner = rightfulOwner(group, partition);
    const next = new Map<string, number>();
    for (const [loads, price] of cheapest) {
      group.members.forEach(({ memberId, topics }, index) => {
        if (!topics.includes(partition.topic)) return;
        const key = loads
          .split(',')
          .map((load, at) => Number(load) + (at === index ? 1 : 0))
          .join();
        const cost = price + (owner !== undefined && owner !== memberId ? 1 : 0);
        next.set(key, Math.min(next.get(key) ?? Infinity, cost));
      });
    }
    cheapest = next;
  }
  const squares = (loads: string): number => loads.split(',').reduce((sum, load) => sum + Number(load) ** 2, 0);
  const least = Math.min(...[...cheapest.keys()].map(squares));
  return [least, Math.min(...[...cheapest].filter(([loads]) => squares(loads) === least).map(([, price]) => price))];
}

function all(group: Group): readonly TopicPartition[] {
  return partitions(wanted(group).join(' '));
}
