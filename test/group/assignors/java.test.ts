import { sample } from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { cooperativeSticky } from '../../../src/group/assignors/cooperativeSticky.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { roundRobin } from '../../../src/group/assignors/roundRobin.ts';
import { describeJava } from '../../support/kafka.ts';
import { groups, keyOf, moved, rounds, unevenness, type Assignment, type Group } from './groups.ts';
import { inJava } from './java.ts';
import { scenes } from './scenes.ts';

const SEED = Date.now();
/** Milliseconds: Maven may have to fetch Kafka first. */
const PATIENCE = 300_000;
const GROUPS = 500;
/** Java leaves this one uneven. */
const notEven = 'the one more topics than the other, scattered';

function some(kind: Parameters<typeof groups>[0]): readonly Group[] {
  return sample(groups(kind), { seed: SEED, numRuns: GROUPS });
}

function sorted(assignment: Assignment | undefined): Record<string, readonly string[]> {
  return Object.fromEntries([...(assignment ?? [])].map(([id, list]) => [id, list.map(keyOf).sort()]));
}

await describeJava(`Java's assignors, seed ${String(SEED)}`, () => {
  test.each([range, roundRobin])(
    '$name gives the same',
    async (assignor) => {
      const any = some({}).map(({ members, counts }, at) => ({
        members: members.map((one, index) => ((index + at) % 3 === 0 ? { ...one, instanceId: `i${String((index * 7) % 10)}` } : one)),
        counts,
      }));
      const java = await inJava(assignor.name, any);
      any.forEach((group, index) => expect(sorted(assignor.assign(group.members, group.counts))).toEqual(sorted(java[index]?.[0])));
    },
    PATIENCE,
  );

  test(
    'cooperative-sticky gives the same where nobody holds anything and all subscribe to the same',
    async () => {
      const fresh = some({ equal: true, topics: 1 }).map(({ members, counts }) => ({
        members: members.map((one) => ({ ...one, owned: [], generation: -1, userData: null })),
        counts,
      }));
      const java = await inJava('cooperative-sticky', fresh);
      fresh.forEach((group, index) =>
        expect(sorted(cooperativeSticky.assign(group.members, group.counts))).toEqual(sorted(java[index]?.[0])),
      );
    },
    PATIENCE,
  );

  // Java takes a group for one of equal subscriptions if some of its members subscribe to nothing: `topics: 1` keeps to what it gets right.
  test.each([true, false])(
    'cooperative-sticky is as even and moves no more, equal subscriptions: %s',
    async (equal) => {
      const any = some({ equal, topics: 1 });
      const java = await inJava('cooperative-sticky', any);
      let compared = 0;
      any.forEach((group, index) => {
        const theirs = java[index]?.at(-1);
        if (theirs === undefined) return;
        compared++;
        const ours = rounds(cooperativeSticky, group).at(-1) ?? new Map();
        const [uneven, asTheirs] = [unevenness(ours), unevenness(theirs)];
        expect(uneven).toBeLessThanOrEqual(asTheirs);
        if (equal) expect(uneven).toBe(asTheirs);
        if (uneven === asTheirs) expect(moved(group, ours)).toBeLessThanOrEqual(moved(group, theirs));
      });
      expect(compared).toBeGreaterThan(GROUPS * (equal ? 0.99 : 0.85));
    },
    PATIENCE,
  );
});

await describeJava('1,000 partitions of 50 topics, 10 members: the sticky assignors of Java and ours', () => {
  let java: readonly (readonly Assignment[])[] = [];
  beforeAll(async () => {
    java = await inJava(
      'cooperative-sticky',
      scenes.map(({ group }) => group),
    );
  }, PATIENCE);

  test.each(scenes.map((scene, index) => ({ ...scene, index })))('$name: as even, and no more moved', ({ name, group, index }) => {
    const theirs = java[index]?.at(-1) ?? new Map();
    const ours = rounds(cooperativeSticky, group).at(-1) ?? new Map();
    expect([...ours.values()].flat()).toHaveLength(1_000);
    expect(unevenness(ours)).toBeLessThanOrEqual(unevenness(theirs));
    if (unevenness(ours) === unevenness(theirs)) expect(moved(group, ours)).toBeLessThanOrEqual(moved(group, theirs));
    else expect(name).toBe(notEven);
  });
});
