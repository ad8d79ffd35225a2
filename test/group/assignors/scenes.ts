import type { TopicPartition } from '../../../src/model/topicPartition.ts';
import { member, type Group } from './groups.ts';

/** A group of 10 members and 50 topics of 20 partitions each, always the same. */
export interface Scene {
  readonly name: string;
  readonly group: Group;
}

const topics = Array.from({ length: 50 }, (_, index) => `topic-${String(index).padStart(2, '0')}`);
const counts = new Map(topics.map((topic) => [topic, 20]));
const everything = topics.flatMap((topic) => Array.from({ length: 20 }, (_, partition): TopicPartition => ({ topic, partition })));

/** Below `limit`, by the multiplier of Park and Miller. */
function dice(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => (state = (state * 48_271) % 2_147_483_647) % limit;
}

const own = (index: number): readonly string[] => topics.filter((_, at) => (at * 7 + index * 3) % 10 < 6);
const nested = (index: number): readonly string[] => topics.slice(0, 5 * (index + 1));

type Subscription = (member: number) => readonly string[];
/** The index of the member that holds a partition; -1: nobody. */
type Holder = (partition: TopicPartition, index: number) => number;

const nobody: Holder = () => -1;
const all: Subscription = () => topics;

function scene(name: string, subscription: Subscription, holder: Holder): Scene {
  const held = Array.from({ length: 10 }, (): TopicPartition[] => []);
  everything.forEach((partition, index) => held[holder(partition, index)]?.push(partition));
  const members = held.map((owned, index) =>
    member(`m${String(index)}`, subscription(index), { owned, generation: owned.length === 0 ? -1 : 3 }),
  );
  return { name, group: { members, counts } };
}

/** Some subscriber, by chance; -1 for every so many-th. */
function scattered(seed: number, subscription: Subscription): Holder {
  const roll = dice(seed);
  return ({ topic }) => {
    const subscribers = [...Array(10).keys()].filter((index) => subscription(index).includes(topic));
    return roll(12) === 0 ? -1 : (subscribers[roll(subscribers.length)] ?? -1);
  };
}

/** As it was before some had come: each partition with the subscriber that had the least. */
function settled(subscription: Subscription, newcomer: (index: number) => boolean): Holder {
  const loads = Array.from({ length: 10 }, () => 0);
  return ({ topic }) => {
    const subscribers = loads.flatMap((_, index) => (!newcomer(index) && subscription(index).includes(topic) ? [index] : []));
    const [least = -1] = subscribers.toSorted((a, b) => (loads[a] ?? 0) - (loads[b] ?? 0));
    if (least >= 0) loads[least] = (loads[least] ?? 0) + 1;
    return least;
  };
}

export const scenes: readonly Scene[] = [
  scene('all begin', all, nobody),
  scene('nothing has changed', all, (_, index) => index % 10),
  scene('the tenth joins', all, (_, index) => index % 9),
  scene('five join', all, (_, index) => index % 5),
  scene('two of twelve have gone', all, (_, index) => (index % 12 > 9 ? -1 : index % 12)),
  scene('one has everything', all, () => 4),
  scene('five topics are new', all, ({ topic }, index) => (topic >= 'topic-45' ? -1 : index % 10)),
  scene('scattered', all, scattered(11, all)),
  scene('each its own topics, all begin', own, nobody),
  scene(
    'each its own topics, the tenth joins',
    own,
    settled(own, (index) => index === 9),
  ),
  scene(
    'each its own topics, five join',
    own,
    settled(own, (index) => index % 2 === 0),
  ),
  scene('each its own topics, scattered', own, scattered(12, own)),
  scene('the one more topics than the other, all begin', nested, nobody),
  scene('the one more topics than the other, scattered', nested, scattered(13, nested)),
];
