import type { Effect } from '../../src/testing/fault.ts';
import type { Happening } from '../../src/testing/happening.ts';
import type { Dice } from './dice.ts';
import type { TimedHappening, TopicPlan } from './plan.ts';

interface Shape {
  readonly brokers: number;
  readonly topics: readonly TopicPlan[];
  readonly quietAt: number;
}

/** Errors that heal, by the API that answers them. */
const errors: Readonly<Record<string, readonly [string, ...string[]]>> = {
  Fetch: [
    'NOT_LEADER_OR_FOLLOWER',
    'UNKNOWN_LEADER_EPOCH',
    'FENCED_LEADER_EPOCH',
    'KAFKA_STORAGE_ERROR',
    'UNKNOWN_SERVER_ERROR',
    'REPLICA_NOT_AVAILABLE',
  ],
  ListOffsets: ['NOT_LEADER_OR_FOLLOWER', 'OFFSET_NOT_AVAILABLE', 'LEADER_NOT_AVAILABLE', 'UNKNOWN_SERVER_ERROR'],
  Metadata: ['LEADER_NOT_AVAILABLE'],
  FindCoordinator: ['COORDINATOR_NOT_AVAILABLE', 'UNKNOWN_SERVER_ERROR'],
  OffsetFetch: ['NOT_COORDINATOR', 'COORDINATOR_LOAD_IN_PROGRESS', 'COORDINATOR_NOT_AVAILABLE'],
  OffsetCommit: [
    'NOT_COORDINATOR',
    'COORDINATOR_LOAD_IN_PROGRESS',
    'COORDINATOR_NOT_AVAILABLE',
    'REQUEST_TIMED_OUT',
    'UNKNOWN_SERVER_ERROR',
  ],
  JoinGroup: ['NOT_COORDINATOR', 'COORDINATOR_LOAD_IN_PROGRESS', 'UNKNOWN_MEMBER_ID'],
  SyncGroup: ['NOT_COORDINATOR', 'REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID'],
  Heartbeat: ['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE', 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION'],
  LeaveGroup: ['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE'],
};
const apis: readonly string[] = [...Object.keys(errors), 'Fetch', 'Fetch', 'OffsetCommit', 'Heartbeat'];

/** What happens to a cluster and what goes wrong in it, up to the quiet time. What takes something away gives it back. */
export function faultsAndHappenings(dice: Dice, shape: Shape): readonly TimedHappening[] {
  const appends = dice.times(dice.int(3, 25), () => write(dice, shape));
  const troubles = dice.times(dice.pick(0, 2, 5, 10), () => trouble(dice, shape));
  const faults = dice.times(dice.pick(0, 2, 5, 12), () => fault(dice, shape));
  return [...appends, ...troubles.flatMap((each) => each.list), ...faults].sort((a, b) => a.at - b.at);
}

function write(dice: Dice, { topics, quietAt }: Shape): TimedHappening {
  const { topic, partition } = place(dice, topics);
  const at = dice.int(0, quietAt);
  const records = dice.pick(1, 1, 3, dice.int(1, 40));
  if (dice.chance(0.75)) return { at, happening: { kind: 'append', topic, partition, records } };
  const ends = dice.pick('commit', 'abort');
  return { at, happening: { kind: 'transaction', topic, partition, records, ends, producerId: dice.int(1, 3) } };
}

/** Something, and what ends it. */
function trouble(dice: Dice, shape: Shape): { readonly at: number; readonly list: readonly TimedHappening[] } {
  const { brokers, topics, quietAt } = shape;
  const at = dice.int(0, quietAt - 1);
  const later = Math.min(quietAt, at + dice.pick(20, 200, dice.int(100, 3_000)));
  const node = dice.int(1, brokers);
  const { topic, partition } = place(dice, topics);
  const pair = (first: Happening, second: Happening): { at: number; list: TimedHappening[] } => ({
    at,
    list: [
      { at, happening: first },
      { at: later, happening: second },
    ],
  });
  const single = (happening: Happening): { at: number; list: TimedHappening[] } => ({ at, list: [{ at, happening }] });
  switch (dice.pick('move', 'move', 'cut', 'cut', 'down', 'freeze', 'coordinator', 'stale', 'evict', 'grow', 'retention', 'leaderless')) {
    case 'move':
      return single({ kind: 'move', topic, partition, leader: node });
    case 'cut':
      return single({ kind: 'cut', node });
    case 'down':
      return pair({ kind: 'down', node }, { kind: 'up', node });
    case 'freeze':
      return pair({ kind: 'freeze', node }, { kind: 'up', node });
    case 'coordinator':
      return pair({ kind: 'moveCoordinator', node: dice.pick(-1, node) }, { kind: 'moveCoordinator', node: dice.int(1, brokers) });
    case 'stale':
      return pair({ kind: 'staleMetadata', node }, { kind: 'staleMetadata', node, off: true });
    case 'evict':
      return single({ kind: 'evict', groupId: 'g' });
    case 'grow':
      return single({ kind: 'addPartitions', topic, partitions: (topics.find(({ name }) => name === topic)?.partitions ?? 0) + 1 });
    case 'retention':
      return single({ kind: 'deleteRecords', topic, partition, before: dice.int(1, 60) });
    default:
      return pair({ kind: 'move', topic, partition, leader: -1 }, { kind: 'move', topic, partition, leader: dice.int(1, brokers) });
  }
}

function fault(dice: Dice, { brokers, topics, quietAt }: Shape): TimedHappening {
  const at = dice.int(0, quietAt - 1);
  const [one = 'Fetch', ...others] = apis;
  const api = dice.pick(one, ...others);
  const where = {
    api,
    times: dice.pick(1, 1, 2, 5),
    ...(dice.chance(0.3) && { node: dice.int(1, brokers) }),
    ...(dice.chance(0.3) && { after: dice.int(1, 5) }),
  };
  const named = ['Fetch', 'ListOffsets', 'OffsetCommit', 'OffsetFetch'].includes(api) && dice.chance(0.6) ? place(dice, topics) : {};
  const happening: Happening = { kind: 'fault', fault: { ...where, ...named, ...effectOf(dice, api) } };
  return { at, happening, until: Math.min(quietAt, at + dice.int(100, 4_000)) };
}

function effectOf(dice: Dice, api: string): Effect {
  const [first = 'UNKNOWN_SERVER_ERROR', ...others] = errors[api] ?? [];
  switch (dice.pick('error', 'error', 'error', 'latency', 'noAnswer', 'reset', 'reset', 'trickle', 'throttle')) {
    case 'error':
      return { kind: 'error', error: dice.pick(first, ...others) };
    case 'latency':
      return { kind: 'latency', delay: dice.pick(10, 300, 2_000) };
    case 'noAnswer':
      return { kind: 'noAnswer' };
    case 'reset':
      return { kind: 'reset', when: dice.pick('before', 'inside', 'after') };
    case 'trickle':
      return { kind: 'trickle', bytes: dice.pick(1, 10, 40), every: dice.pick(1, 5) };
    default:
      return { kind: 'throttle', delay: dice.int(20, 800) };
  }
}

function place(dice: Dice, topics: readonly TopicPlan[]): { readonly topic: string; readonly partition: number } {
  const [first = { name: 'orders', partitions: 1 }, ...others] = topics;
  const { name, partitions } = dice.pick(first, ...others);
  return { topic: name, partition: dice.int(0, partitions - 1) };
}
