import type { Violation } from '../oracle/violation.ts';
import { play } from './play.ts';
import type { MemberPlan, OptionsPlan, Plan } from './plan.ts';

/** A smaller life in which the same invariant does not hold, and in the same way. `plays`: how many may be tried. */
export function shrink(plan: Plan, violation: Violation, plays = 600): Plan {
  let smallest = plan;
  let left = plays;
  for (let found = true; found && left > 0;) {
    found = false;
    for (const candidate of candidates(smallest)) {
      if (left-- <= 0) break;
      if (!fails(candidate, violation)) continue;
      smallest = candidate;
      found = true;
      break;
    }
  }
  return smallest;
}

/** A plan that cannot be played, since something in it names what is not there any more, does not fail. */
function fails(plan: Plan, expected: Violation): boolean {
  try {
    const { violation } = play(plan);
    return violation !== undefined && wayOf(violation) === wayOf(expected);
  } catch {
    return false;
  }
}

/** One invariant says several things: which one it was, whoever and whatever number it is about. */
function wayOf({ invariant, sentence }: Violation): string {
  return `${invariant} ${sentence
    .replace(/^[a-z]+[0-9]*: /, '')
    .replace(/\b(undefined|nothing|[0-9]+)\b/g, '#')
    .replace(/[a-z]+-#/g, '#')}`;
}

/** Lives with less in them, those with much less first. */
function* candidates(plan: Plan): Iterable<Plan> {
  for (const members of without(plan.members)) if (members.length > 0) yield { ...plan, members };
  for (const happenings of without(plan.happenings)) yield { ...plan, happenings };
  if (plan.topics.length > 1) for (const topics of without(plan.topics)) yield withTopics(plan, topics);
  yield* withSmallerNumbers(plan);
  for (const [index, member] of plan.members.entries())
    for (const smaller of smallerMembers(member))
      yield { ...plan, members: plan.members.map((each, at) => (at === index ? smaller : each)) };
}

/** Halves of a list left out, then quarters, then each. */
function* without<T>(list: readonly T[]): Iterable<readonly T[]> {
  for (let size = Math.ceil(list.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let from = 0; from < list.length; from += size) yield [...list.slice(0, from), ...list.slice(from + size)];
}

function withTopics(plan: Plan, topics: Plan['topics']): Plan {
  const names = topics.map(({ name }) => name);
  const members = plan.members.map((member): MemberPlan => {
    const { options } = member;
    const partitions = options.partitions?.filter(({ topic }) => names.includes(topic));
    return { ...member, options: { ...options, ...(options.topics && { topics: names }), ...(partitions && { partitions }) } };
  });
  return { ...plan, topics, members };
}

/** Who asks for partitions of its own choice does not ask for the last one of that topic any more. */
function withoutPartition(plan: Plan, { name, partitions: count }: Plan['topics'][number]): Plan {
  const members = plan.members.map((member): MemberPlan => {
    const partitions = member.options.partitions?.filter(({ topic, partition }) => topic !== name || partition < count - 1);
    return { ...member, options: { ...member.options, ...(partitions && { partitions }) } };
  });
  return { ...plan, members };
}

/** A cluster that is as usual. */
function* withoutSurroundings(plan: Plan): Iterable<Plan> {
  for (const field of ['racks', 'kafka', 'sessionSlots'] as const) {
    const { [field]: dropped, ...rest } = plan;
    if (dropped !== undefined) yield rest satisfies Plan;
  }
}

function* withSmallerNumbers(plan: Plan): Iterable<Plan> {
  if (plan.latency > 1) yield { ...plan, latency: 1 };
  yield* withoutSurroundings(plan);
  if (plan.brokers > 1) yield { ...plan, brokers: plan.brokers - 1 };
  const last = Math.max(
    0,
    ...plan.happenings.map(({ at, until = at }) => until),
    ...plan.members.flatMap(({ at, acts }) => [at, ...acts.map((act) => act.at)]),
  );
  if (last + 1 < plan.quietAt) yield { ...plan, quietAt: last + 1 };
  for (const [index, topic] of plan.topics.entries()) {
    const replaced = (smaller: typeof topic): Plan => ({ ...plan, topics: plan.topics.map((each, at) => (at === index ? smaller : each)) });
    if (topic.records > 0) {
      yield replaced({ ...topic, records: 0 });
      yield replaced({ ...topic, records: Math.floor(topic.records / 2) });
    }
    if (topic.partitions > 1) yield withoutPartition(replaced({ ...topic, partitions: topic.partitions - 1 }), topic);
  }
  for (const [index, { at, happening, until }] of plan.happenings.entries()) {
    if (!('records' in happening) || happening.records <= 1) continue;
    const smaller = { at, happening: { ...happening, records: Math.floor(happening.records / 2) }, ...(until !== undefined && { until }) };
    yield { ...plan, happenings: plan.happenings.map((each, position) => (position === index ? smaller : each)) };
  }
}

function* smallerMembers(member: MemberPlan): Iterable<MemberPlan> {
  for (const acts of without(member.acts)) yield { ...member, acts };
  const { end, ...staying } = member;
  if (end !== undefined) yield staying;
  const { work } = member;
  for (const field of ['failing', 'blocking', 'delay'] as const) if (work[field] > 0) yield { ...member, work: { ...work, [field]: 0 } };
  if (work.kind !== 'process') yield { ...member, work: { ...work, kind: 'process' } };
  for (const field of ['window', 'maxBuffered', 'maxPartitionBytes', 'isolationLevel', 'delivery', 'rackId', 'autoOffsetReset'] as const) {
    const { [field]: dropped, ...rest } = member.options;
    if (dropped !== undefined) yield { ...member, options: rest satisfies OptionsPlan };
  }
}
