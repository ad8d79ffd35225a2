import { array, boolean, constantFrom, integer, nat, option, record, shuffledSubarray, uniqueArray, type Arbitrary } from 'fast-check';
import type { Assignor, GroupMember } from '../../../src/group/assignor.ts';
import { partitionKey, type TopicPartition } from '../../../src/model/topicPartition.ts';

/** Who is in a group, and how many partitions there are. */
export interface Group {
  readonly members: readonly GroupMember[];
  readonly counts: ReadonlyMap<string, number>;
}

export type Assignment = ReadonlyMap<string, readonly TopicPartition[]>;

export function member(memberId: string, topics: readonly string[], more: Partial<GroupMember> = {}): GroupMember {
  return { memberId, instanceId: null, topics, userData: null, owned: [], generation: -1, ...more };
}

/** `t-0 t-1` */
function named(partitions: readonly TopicPartition[]): string {
  return partitions.map(keyOf).join(' ');
}

/** From `t-0 t-1`. */
export function partitions(names: string): readonly TopicPartition[] {
  return names === ''
    ? []
    : names.split(' ').map((name) => {
        const dash = name.lastIndexOf('-');
        return { topic: name.slice(0, dash), partition: Number(name.slice(dash + 1)) };
      });
}

/** `{ a: 't-0 t-1' }` */
export function shown(assignment: Assignment): Record<string, string> {
  return Object.fromEntries([...assignment].map(([id, list]) => [id, named(list)]));
}

export function keyOf({ topic, partition }: TopicPartition): string {
  return partitionKey(topic, partition);
}

/** Every partition that somebody subscribes to. */
export function wanted({ members, counts }: Group): readonly string[] {
  const topics = new Set(members.flatMap((one) => one.topics));
  return [...counts].flatMap(([topic, count]) =>
    topics.has(topic) ? [...Array(count).keys()].map((index) => partitionKey(topic, index)) : [],
  );
}

/** What each member has after each round, until nothing changes: it gives up what it has not been given, and joins again. */
export function rounds(assignor: Assignor, group: Group): readonly Assignment[] {
  const all: Assignment[] = [];
  let { members } = group;
  for (let generation = 1_000_000; generation < 1_000_006; generation++) {
    const assigned = assignor.assign(members, group.counts);
    const before = all.at(-1);
    if (before !== undefined && owners(before) === owners(assigned)) break;
    all.push(assigned);
    members = members.map((one) => ({ ...one, owned: assigned.get(one.memberId) ?? [], generation }));
  }
  return all;
}

function owners(assignment: Assignment): string {
  return [...assignment]
    .flatMap(([id, list]) => list.map((partition) => `${keyOf(partition)} ${id}`))
    .sort()
    .join();
}

/** How uneven it is: the differences between all pairs of members, as Java's sticky assignors measure it. 0: all have the same. */
export function unevenness(assignment: Assignment): number {
  const sizes = [...assignment.values()].map(({ length }) => length);
  return sizes.reduce((sum, a, index) => sum + sizes.slice(index + 1).reduce((part, b) => part + Math.abs(a - b), 0), 0);
}

/**
 * Who may call a partition its own: the one of the latest generation that says so, if there is one, subscribes to it, and it exists. Written
 * down once more, and simply.
 */
export function rightfulOwner({ members, counts }: Group, { topic, partition }: TopicPartition): string | undefined {
  const claims = members.filter(({ owned }) => owned.some((one) => one.topic === topic && one.partition === partition));
  const latest = Math.max(...claims.map(generationOf));
  const [owner, another] = claims.filter((one) => generationOf(one) === latest);
  const exists = partition < (counts.get(topic) ?? 0);
  return owner !== undefined && another === undefined && exists && owner.topics.includes(topic) ? owner.memberId : undefined;
}

function generationOf({ generation, userData }: GroupMember): number {
  return generation >= 0 ? generation : (userData?.readInt32BE() ?? -1);
}

/** How many partitions were taken from their rightful owners. */
export function moved(group: Group, assignment: Assignment): number {
  const now = new Map([...assignment].flatMap(([id, list]) => list.map((one) => [keyOf(one), id] as const)));
  const owned = new Map(group.members.flatMap((one) => one.owned).map((one) => [keyOf(one), one] as const));
  return [...owned].filter(([key, partition]) => {
    const owner = rightfulOwner(group, partition);
    return owner !== undefined && now.get(key) !== owner;
  }).length;
}

const topicNames = ['t0', 't1', 't2', 't3', 'T'];

interface Kind {
  /** Everybody subscribes to the same. */
  readonly equal?: boolean;
  /** What the members hold may have more partitions than there are: a topic was made anew with fewer. */
  readonly shrunk?: boolean;
  /** How many topics a member subscribes to at least. */
  readonly topics?: number;
  /** The most members, and nearly the most partitions of a topic. */
  readonly size?: number;
}

/** Any group: what a member holds may be held by others too, of other generations, of topics that are gone or that it does not subscribe to. */
export function groups({ equal, shrunk = false, topics: fewest = 0, size = 8 }: Kind = {}): Arbitrary<Group> {
  const raw = record({
    ids: uniqueArray(integer({ min: 0, max: 99 }), { minLength: 1, maxLength: size }),
    all: shuffledSubarray(topicNames, { minLength: fewest }),
    same: equal === undefined ? boolean() : constantFrom(equal),
    topics: array(shuffledSubarray(topicNames, { minLength: fewest }), { minLength: size, maxLength: size }),
    generations: array(constantFrom(-1, 3, 3, 4), { minLength: size, maxLength: size }),
    inUserData: array(boolean(), { minLength: size, maxLength: size }),
    counts: array(option(nat(size + 2), { nil: 0 }), { minLength: topicNames.length, maxLength: topicNames.length }),
    // who holds each partition: half of the groups are as groups should be, with one holder at most
    holders: array(array(nat(size * 2), { maxLength: 3 }), { minLength: 60, maxLength: 60 }),
    tidy: boolean(),
  });
  return raw.map(({ ids, all, same, topics, generations, inUserData, counts, holders, tidy }) => {
    const held = ids.map((): TopicPartition[] => []);
    topicNames.forEach((topic, at) => {
      const count = (counts[at] ?? 0) + (shrunk || counts[at] === 0 ? 2 : 0);
      for (let partition = 0; partition < count; partition++) {
        const who = holders[(at * 13 + partition) % holders.length] ?? [];
        for (const index of new Set(tidy ? who.slice(0, 1) : who)) held[index]?.push({ topic, partition });
      }
    });
    return {
      members: ids.map((id, index) => {
        const generation = tidy ? 4 : (generations[index] ?? -1);
        const told = inUserData[index] === true ? { generation: -1, userData: generationBytes(generation) } : { generation };
        return member(`m${String(id)}`, same ? all : (topics[index] ?? []), { owned: held[index] ?? [], ...told });
      }),
      counts: new Map(topicNames.flatMap((topic, at) => ((counts[at] ?? 0) === 0 ? [] : [[topic, counts[at] ?? 0] as const]))),
    };
  });
}

/**
 * Small groups in which the first members hold nearly everything and the subscriptions differ: where it takes thought to be even without
 * moving more than necessary.
 */
export const lopsided: Arbitrary<Group> = integer({ min: 2, max: 5 }).chain((size) =>
  record({
    topics: array(shuffledSubarray(topicNames, { minLength: 1 }), { minLength: size, maxLength: size }),
    counts: array(integer({ min: 1, max: 5 }), { minLength: topicNames.length, maxLength: topicNames.length }),
    holders: array(option(nat(), { freq: 4 }), { minLength: 25, maxLength: 25 }),
    rich: integer({ min: 1, max: size }),
  }).map(({ topics, counts, holders, rich }) => {
    const held = topics.map((): TopicPartition[] => []);
    topicNames.forEach((topic, at) => {
      for (let partition = 0; partition < (counts[at] ?? 0); partition++) {
        const holder = holders[at * 5 + partition];
        if (typeof holder === 'number') held[holder % rich]?.push({ topic, partition });
      }
    });
    const members = topics.map((list, index) => member(`m${String(index)}`, list, { owned: held[index] ?? [], generation: 1 }));
    return { members, counts: new Map(topicNames.map((topic, at) => [topic, counts[at] ?? 0])) };
  }),
);

function generationBytes(generation: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(generation);
  return bytes;
}
