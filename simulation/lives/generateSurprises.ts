import type { Happening } from '../../src/testing/happening.ts';
import type { Dice } from './dice.ts';
import type { LogHappening, MemberPlan, Plan, TimedHappening, TopicPlan } from './plan.ts';

type Change = (dice: Dice, plan: Plan) => Plan;

/** Ways in which a log, or who tells of it, can surprise its reader, and how often each is drawn. */
const surprises: readonly (readonly [chance: number, change: Change])[] = [
  [0.2, withOlderKafka],
  [0.15, withFewSessions],
  [0.25, withRacks],
  [0.3, withUncleanElections],
  [0.2, withLaggingFollower],
  [0.15, withRetention],
  [0.15, withCompaction],
  [0.15, withAnotherTopic],
  [0.2, withRestarts],
  [0.1, withDamage],
  [0.1, withLatest],
];

/** The same life, often as it is, else with some of these. */
export function withSurprises(dice: Dice, plan: Plan): Plan {
  if (dice.chance(0.4)) return plan;
  return surprises.reduce((changed, [chance, change]) => (dice.chance(chance) ? change(dice, changed) : changed), plan);
}

function withOlderKafka(dice: Dice, plan: Plan): Plan {
  return { ...plan, kafka: dice.pick('2.1', '2.8', '3.9') };
}

function withFewSessions(dice: Dice, plan: Plan): Plan {
  return { ...plan, sessionSlots: dice.int(0, 2) };
}

/** Some members read from a follower that is near. */
function withRacks(dice: Dice, plan: Plan): Plan {
  if (plan.brokers < 2) return plan;
  const racks = Array.from({ length: plan.brokers }, (_, index) => (index % 2 === 0 ? 'a' : 'b'));
  const members = plan.members.map((member): MemberPlan => {
    const rackId = dice.pick('a', 'b', undefined);
    const isMember = member.options.topics !== undefined;
    return isMember && rackId !== undefined ? { ...member, options: { ...member.options, rackId } } : member;
  });
  const near = { ...replicated(dice, plan), racks, members };
  return dice.chance(0.5) ? withLaggingFollower(dice, near) : near;
}

/** A log is cut, where some consumer stands or deeper, and its offsets are given out again. */
function withUncleanElections(dice: Dice, plan: Plan): Plan {
  return several(dice, plan, 3, (at, { topic, partition }) => [
    {
      at,
      happening: { kind: 'unclean', topic, partition, from: dice.pick('read', 'read', 'end'), below: dice.pick(0, 1, dice.int(1, 20)) },
    },
    ...appendsAfter(dice, at, topic, partition),
  ]);
}

/** A follower does not have all, says so to who reads from it, and may come to lead. */
function withLaggingFollower(dice: Dice, plan: Plan): Plan {
  if (plan.brokers < 2) return plan;
  return several(dice, replicated(dice, plan), 2, (at, { topic, partition }) => {
    const node = dice.int(1, plan.brokers);
    const then = at + dice.int(20, 1_500);
    const ends: Happening = dice.chance(0.5)
      ? { kind: 'move', topic, partition, leader: node }
      : { kind: 'lag', topic, partition, node, off: true };
    return [
      { at, happening: { kind: 'lag', topic, partition, node } },
      ...appendsAfter(dice, at, topic, partition),
      { at: then, happening: ends },
      ...appendsAfter(dice, then, topic, partition),
    ];
  });
}

function withRetention(dice: Dice, plan: Plan): Plan {
  return several(dice, plan, 3, (at, { topic, partition }) => [
    { at, happening: { kind: 'deleteRecords', topic, partition, before: dice.int(1, 150) } },
  ]);
}

function withCompaction(dice: Dice, plan: Plan): Plan {
  return several(dice, plan, 3, (at, { topic, partition }) => [
    { at, happening: { kind: 'keyed', topic, partition, records: dice.int(2, 40), keys: dice.int(1, 8) } },
    { at: at + dice.int(0, 300), happening: { kind: 'keyed', topic, partition, records: dice.int(2, 40), keys: dice.int(1, 8) } },
    { at: at + dice.int(0, 600), happening: { kind: 'compact', topic, partition, before: dice.int(10, 200) } },
  ]);
}

/** A topic is deleted, and another one has its name. Before ids were everywhere nobody could tell them apart for certain. */
function withAnotherTopic(dice: Dice, plan: Plan): Plan {
  const [first = { name: 'orders', partitions: 1, replicationFactor: 1, records: 0 }, ...others] = plan.topics;
  const { name: topic, partitions, replicationFactor } = dice.pick(first, ...others);
  if (plan.kafka !== undefined) return plan;
  const at = dice.int(100, plan.quietAt - 100);
  const then = Math.min(plan.quietAt, at + dice.pick(0, 5, 50, 1_000));
  const appends = Array.from({ length: dice.int(0, 4) }, (): TimedHappening => {
    const partition = dice.int(0, partitions - 1);
    return { at: then + dice.int(0, 200), happening: { kind: 'append', topic, partition, records: dice.int(1, 60) } };
  });
  return withHappenings(plan, [
    { at, happening: { kind: 'deleteTopic', topic } },
    { at: then, happening: { kind: 'createTopic', topic, partitions, replicationFactor } },
    ...appends,
  ]);
}

function withRestarts(dice: Dice, plan: Plan): Plan {
  return several(dice, plan, 3, (at) => [{ at, happening: { kind: 'restart', node: dice.int(1, plan.brokers) } }]);
}

function withDamage(dice: Dice, plan: Plan): Plan {
  // Who commits by hand begins nothing again.
  if (plan.members.some(({ work }) => work.kind === 'commits')) return plan;
  return several(dice, plan, 2, (at, { topic, partition }) => [
    {
      at,
      happening: { kind: 'damage', topic, partition, below: dice.int(1, 30) },
      until: Math.min(plan.quietAt, at + dice.int(50, 2_000)),
    },
  ]);
}

function withLatest(_dice: Dice, plan: Plan): Plan {
  const members = plan.members.map((member): MemberPlan => ({ ...member, options: { ...member.options, autoOffsetReset: 'latest' } }));
  return { ...plan, members };
}

/** The same with each topic on two brokers at least. */
function replicated(dice: Dice, plan: Plan): Plan {
  const replicationFactor = dice.int(2, plan.brokers);
  const topics = plan.topics.map((topic): TopicPlan => ({
    ...topic,
    replicationFactor: Math.max(topic.replicationFactor, replicationFactor),
  }));
  return { ...plan, topics };
}

/** Once up to so many times, each at a partition of its own. */
function several(
  dice: Dice,
  plan: Plan,
  most: number,
  make: (at: number, place: { readonly topic: string; readonly partition: number }) => readonly TimedHappening[],
): Plan {
  const [first = { name: 'orders', partitions: 1 }, ...others] = plan.topics;
  const made = Array.from({ length: dice.int(1, most) }, () => {
    const { name: topic, partitions } = dice.pick(first, ...others);
    return make(dice.int(50, plan.quietAt - 50), { topic, partition: dice.int(0, partitions - 1) });
  });
  return withHappenings(plan, made.flat());
}

function appendsAfter(dice: Dice, at: number, topic: string, partition: number): readonly TimedHappening[] {
  return Array.from({ length: dice.int(0, 2) }, (): TimedHappening => {
    const happening: Happening | LogHappening = { kind: 'append', topic, partition, records: dice.pick(1, 3, dice.int(1, 30)) };
    return { at: at + dice.pick(0, dice.int(0, 100), dice.int(0, 600)), happening };
  });
}

/** What would come when all is to be quiet comes just before. */
function withHappenings(plan: Plan, more: readonly TimedHappening[]): Plan {
  const early = more.map((each) => ({ ...each, at: Math.min(each.at, plan.quietAt) }));
  return { ...plan, happenings: [...plan.happenings, ...early].sort((a, b) => a.at - b.at) };
}
