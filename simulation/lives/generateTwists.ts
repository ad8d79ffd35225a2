import type { StartPosition } from '../../src/model/startPosition.ts';
import type { Effect } from '../../src/testing/fault.ts';
import type { Happening } from '../../src/testing/happening.ts';
import type { Dice } from './dice.ts';
import type { Act, MemberPlan, Plan, TimedHappening } from './plan.ts';

/** Where a user seeks to. */
export function seekTo(dice: Dice): StartPosition | 'committed' {
  return dice.pick<StartPosition | 'committed'>(
    'earliest',
    'latest',
    'committed',
    { offset: dice.int(0, 60) },
    { ago: dice.int(0, 3_000) },
  );
}

/** The same life with what chance alone seldom brings together: things that go wrong just while something else is under way. */
export function withTwists(dice: Dice, plan: Plan): Plan {
  const seeking = dice.chance(0.3) ? withStaleAnswers(dice, plan) : plan;
  const isAtMostOnce = plan.members[0]?.options.delivery === 'at-most-once';
  const doubtful = dice.chance(isAtMostOnce ? 0.7 : 0.1) ? withDoubt(dice, seeking) : seeking;
  const failing = dice.chance(0.15) ? withoutCommits(dice, doubtful) : doubtful;
  return dice.chance(0.1) ? withSilence(dice, failing) : failing;
}

/** Nobody says what is committed, just when somebody has to know. */
function withoutCommits(dice: Dice, plan: Plan): Plan {
  const at = dice.int(0, plan.quietAt - 200);
  const effect = dice.pick<Effect>({ kind: 'noAnswer' }, { kind: 'reset', when: 'before' }, { kind: 'reset', when: 'inside' });
  const happening: Happening = { kind: 'fault', fault: { api: 'OffsetFetch', times: dice.int(1, 3), ...effect } };
  return { ...plan, happenings: inOrder([...plan.happenings, { at, happening, until: plan.quietAt }]) };
}

/** A member hears nothing of its coordinator for longer than its session, and there is a lot to read. */
function withSilence(dice: Dice, plan: Plan): Plan {
  const [{ sessionTimeout } = {}] = plan.members.map(({ options }) => options);
  if (sessionTimeout === undefined) return plan;
  const at = dice.int(100, 500);
  const over = at + sessionTimeout + dice.int(0, 500);
  const silence: Happening = { kind: 'fault', fault: { api: 'Heartbeat', kind: 'noAnswer', times: 20 } };
  const appends = plan.topics.flatMap(({ name: topic }) =>
    dice.times(3, (): TimedHappening => ({
      at: over + dice.int(0, 400),
      happening: { kind: 'append', topic, partition: 0, records: dice.int(50, 100) },
    })),
  );
  const quietAt = Math.max(plan.quietAt, over + 600);
  return { ...plan, quietAt, happenings: inOrder([...plan.happenings, ...appends, { at, happening: silence, until: over + 500 }]) };
}

/** Answers are late, and meanwhile the user seeks, or the leader changes: they are about what nobody wants any more. */
function withStaleAnswers(dice: Dice, plan: Plan): Plan {
  const at = dice.int(200, plan.quietAt - 200);
  const delay = dice.int(50, 400);
  const acts = dice.times(dice.int(2, 4), (): Act => ({
    at: at + dice.int(1, delay),
    kind: 'seek',
    stream: dice.int(0, 5),
    to: seekTo(dice),
  }));
  const appends = plan.topics.flatMap(({ name: topic, partitions }) =>
    Array.from({ length: partitions }, (_, partition): TimedHappening => {
      const happening: Happening = { kind: 'append', topic, partition, records: dice.int(1, 10) };
      return { at: at + dice.int(0, delay), happening };
    }),
  );
  const late: Happening = { kind: 'fault', fault: { kind: 'latency', api: 'Fetch', delay, times: dice.int(1, 6) } };
  const [first, ...others] = plan.members;
  if (first === undefined) return plan;
  const members = [{ ...first, acts: inOrder([...first.acts, ...acts]) }, ...others];
  return { ...plan, members, happenings: inOrder([...plan.happenings, ...appends, { at, happening: late, until: at + 2 * delay }]) };
}

/** Nobody knows what became of some commits, and meanwhile somebody joins, the user goes back, or the consumer stops. */
function withDoubt(dice: Dice, plan: Plan): Plan {
  const at = dice.int(150, plan.quietAt - 200);
  const effect = dice.pick<Effect>(
    { kind: 'noAnswer' },
    { kind: 'reset', when: 'inside' },
    { kind: 'reset', when: 'after' },
    { kind: 'latency', delay: 2_000 },
  );
  const fault: Happening = { kind: 'fault', fault: { api: 'OffsetCommit', times: dice.int(1, 4), ...effect } };
  const happenings = inOrder([...plan.happenings, { at, happening: fault, until: plan.quietAt }]);
  const then = Math.min(plan.quietAt, at + dice.int(5, 600));
  const [first, ...others] = plan.members;
  if (first === undefined) return plan;
  const isMember = first.options.topics !== undefined;
  // Two consumers of the same partitions that know nothing of each other would commit against each other.
  switch (isMember ? dice.pick('join', 'until', 'unsubscribe', 'seek') : 'seek') {
    case 'join':
      return { ...plan, happenings, members: [...plan.members, newcomer(first, then)] };
    case 'seek': {
      const acts = dice.times(3, (): Act => ({ at: then + dice.int(0, 20), kind: 'seek', stream: dice.int(0, 5), to: 'committed' }));
      return { ...plan, happenings, members: [{ ...first, acts: inOrder([...first.acts, ...acts]) }, ...others] };
    }
    case 'until':
      return { ...plan, happenings, members: [{ ...first, end: { at: then, how: 'until' } }, ...others, successor(first, plan)] };
    default:
      return { ...plan, happenings, members: [{ ...first, end: { at: then, how: 'unsubscribe' } }, ...others, successor(first, plan)] };
  }
}

function newcomer({ options, work }: MemberPlan, at: number): MemberPlan {
  return { name: 'late', at, options, work, acts: [] };
}

/** Somebody reads on: it comes when the first one has settled. */
function successor(first: MemberPlan, { quietAt }: Plan): MemberPlan {
  return newcomer(first, quietAt);
}

function inOrder<T extends { readonly at: number }>(list: readonly T[]): readonly T[] {
  return [...list].sort((a, b) => a.at - b.at);
}
