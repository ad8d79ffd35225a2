import { Dice, seeded } from './dice.ts';
import { faultsAndHappenings } from './generateHappenings.ts';
import { withSurprises } from './generateSurprises.ts';
import { seekTo, withTwists } from './generateTwists.ts';
import type { Act, MemberPlan, OptionsPlan, Plan, TopicPlan, WorkPlan } from './plan.ts';

/** The life that belongs to a seed. */
export function generate(seed: number): Plan {
  const dice = new Dice(seeded(seed));
  const brokers = dice.pick(1, 1, 2, 3, 3);
  // One partition per broker: neighbours' rounds cannot hide a wake-up that was lost.
  const isThin = seed % 2 === 0;
  const topics = topicsOf(dice, brokers, isThin);
  const quietAt = dice.int(1_000, 4_000);
  const members = dice.chance(0.75) ? groupOf(dice, topics, quietAt, isThin) : [manualOf(dice, topics, quietAt)];
  const happenings = faultsAndHappenings(dice, { brokers, topics, quietAt });
  const plan = { seed, brokers, latency: dice.pick(1, 1, 2, 5, 20), topics, members, happenings, quietAt };
  // By dice of their own: a life in which nothing of that is drawn is as it would be without them.
  return withSurprises(new Dice(seeded(seed ^ 0x5eed)), withTwists(dice, plan));
}

function topicsOf(dice: Dice, brokers: number, isThin: boolean): readonly TopicPlan[] {
  const replicationFactor = dice.pick(1, brokers, brokers);
  const records = (): number => dice.pick(0, dice.int(1, 20), dice.int(20, 100));
  const first = { name: 'orders', partitions: isThin ? brokers : dice.int(1, 5), replicationFactor, records: records() };
  if (isThin || dice.chance(0.7)) return [first];
  return [first, { name: 'bills', partitions: dice.int(1, 3), replicationFactor, records: records() }];
}

/** What the members of one group may offer. */
type Offered = readonly [NonNullable<OptionsPlan['assignor']>, ...NonNullable<OptionsPlan['assignor']>[]];

/** Members of one group that come and go. */
function groupOf(dice: Dice, topics: readonly TopicPlan[], quietAt: number, isThin: boolean): readonly MemberPlan[] {
  const delivery = dice.chance(0.3) ? ({ delivery: 'at-most-once' } as const) : {};
  const common: OptionsPlan = {
    ...patienceOf(dice),
    ...sizesOf(dice),
    ...delivery,
    groupId: 'g',
    topics: topics.map(({ name }) => name),
    sessionTimeout: dice.int(1_500, 4_000),
    heartbeatInterval: dice.int(250, 500),
    rebalanceTimeout: dice.int(2_500, 6_000),
  };
  const offered = dice.pick<Offered>(['range'], ['cooperative'], ['cooperative'], ['cooperative', 'both']);
  const count = isThin ? dice.pick(1, 1, 2) : dice.pick(1, 2, 2, 3, 4);
  return Array.from({ length: count }, (_, index) => {
    const at = index === 0 ? 0 : dice.int(0, Math.floor(quietAt * 0.8));
    const asMember = { ...common, assignor: dice.pick(...offered) };
    const committing = 'delivery' in delivery ? asMember : { ...asMember, ...commitOf(dice) };
    const work = workOf(dice, committing);
    const options = work.kind === 'commits' ? { ...committing, commit: false as const } : committing;
    const stays = index === 0 || dice.chance(0.5);
    const end = stays ? {} : { end: { at: dice.int(at + 50, quietAt), how: dice.pick('unsubscribe', 'until', 'crash') } as const };
    return { name: `m${String(index + 1)}`, at, options, work, acts: actsOf(dice, at, quietAt), ...end };
  });
}

/** A consumer of partitions of its own choice, with or without a group to commit to. */
function manualOf(dice: Dice, topics: readonly TopicPlan[], quietAt: number): MemberPlan {
  const partitions = topics.flatMap(({ name: topic, partitions: count }) =>
    Array.from({ length: count }, (_, partition) => ({ topic, partition })),
  );
  const grouped = dice.chance(0.7);
  const options: OptionsPlan = {
    ...patienceOf(dice),
    ...sizesOf(dice),
    partitions,
    ...(grouped && { groupId: 'g', ...commitOf(dice) }),
    ...(grouped && dice.chance(0.3) && { delivery: 'at-most-once' as const }),
    ...(dice.chance(0.3) && { isolationLevel: 'read_uncommitted' as const }),
  };
  const committing = options.delivery === undefined ? options : withoutCommit(options);
  const work = workOf(dice, committing);
  const chosen = work.kind === 'commits' ? { ...committing, commit: false as const } : committing;
  return { name: 'm1', at: 0, options: chosen, work, acts: actsOf(dice, 0, quietAt) };
}

function withoutCommit({ commit: _commit, ...options }: OptionsPlan): OptionsPlan {
  return options;
}

function commitOf(dice: Dice): Pick<OptionsPlan, 'commit'> {
  return { commit: { interval: dice.pick(50, 200, 500, 1_000), ...(dice.chance(0.3) && { records: dice.int(1, 20) }) } };
}

function patienceOf(dice: Dice): Pick<OptionsPlan, 'requestTimeout' | 'backoff' | 'maxWait' | 'metadataMaxAge'> {
  const initial = dice.pick(20, 50, 100);
  return {
    requestTimeout: dice.pick(500, 1_000, 1_500),
    backoff: { initial, max: dice.pick(initial, 200, 500) },
    maxWait: dice.pick(100, 500, 500, 1_000, 1_000, 1_000),
    metadataMaxAge: dice.pick(dice.int(200, 3_000), 5_000, 20_000),
  };
}

function sizesOf(dice: Dice): Pick<OptionsPlan, 'window' | 'maxBuffered' | 'maxPartitionBytes'> {
  return {
    ...(dice.chance(0.6) && { window: { records: dice.pick(1, 2, 5, 50) } }),
    ...(dice.chance(0.5) && { maxBuffered: dice.pick(200, 1_000, 5_000) }),
    ...(dice.chance(0.4) && { maxPartitionBytes: dice.pick(1, 200, 1_000) }),
  };
}

function workOf(dice: Dice, { delivery, commit, groupId }: OptionsPlan): WorkPlan {
  const byHand = delivery === undefined && groupId !== undefined && commit !== undefined && dice.chance(0.15);
  return {
    kind: byHand ? 'commits' : dice.pick('process', 'process', 'batches', 'loose', 'loose'),
    delay: dice.pick(0, 0, dice.int(1, 10), dice.int(10, 60)),
    failing: dice.chance(delivery === 'at-most-once' ? 0.7 : 0.4) ? dice.int(2, 30) : 0,
    restart: dice.pick(1, 50, 300),
    blocking: dice.chance(0.25) ? dice.int(5, 50) : 0,
    block: dice.pick(5, 50, 500, 2_500),
  };
}

function actsOf(dice: Dice, from: number, to: number): readonly Act[] {
  return dice.times(dice.pick(0, 0, 1, 3, 6), (): Act | undefined => {
    const at = dice.int(from, to);
    const stream = dice.int(0, 5);
    switch (dice.pick('seek', 'pause', 'pause', 'resubscribe', 'resubscribe')) {
      case 'seek':
        return { at, kind: 'seek', stream, to: seekTo(dice) };
      case 'pause':
        return { at, kind: 'pause', stream, length: dice.int(10, 1_500) };
      default:
        return { at, kind: 'resubscribe' };
    }
  });
}
