import { afterEach, expect, it } from 'vitest';
import {
  createTopic,
  describeJava,
  describeKafka,
  eventually,
  fastProperties,
  type HasBrokers,
  ownedKafka,
  sharedKafka,
  startJava,
  uniqueTopic,
  withAdmin,
} from '../support/kafka.ts';
import { RealMember } from './realMember.ts';

const members: RealMember[] = [];

afterEach(() => {
  for (const member of members.splice(0)) member.vanish();
});

function join(...args: ConstructorParameters<typeof RealMember>): RealMember {
  const member = new RealMember(...args);
  members.push(member);
  return member;
}

function partitions(topic: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${topic}-${String(index)}`);
}

function heldByAll(): readonly string[] {
  return members.flatMap(({ held }) => held).sort();
}

await describeKafka('members of one group on a real Kafka', (kafka) => {
  it('share the partitions, and the one that stays gets those of the one that leaves', async () => {
    const topic = await createTopic(kafka, uniqueTopic('group'), { partitions: 5 });
    const first = join(kafka, topic, [topic]);
    await eventually(() => first.held.length === 5, { what: 'the first member has everything' });

    const second = join(kafka, topic, [topic]);
    await eventually(() => second.held.length > 0 && first.held.length > 0, { what: 'both have something' });
    expect(heldByAll()).toEqual(partitions(topic, 5));
    expect([first.held.length, second.held.length].sort()).toEqual([2, 3]);

    await first.leave();
    await eventually(() => second.held.length === 5, { what: 'the second member has everything', deadline: 5_000 });
    expect(members.map(({ failure }) => failure)).toEqual([undefined, undefined]);
    await second.leave();
    const group = await withAdmin(kafka, (admin) => admin.describeGroups([topic]));
    expect(group.groups[0]?.members).toEqual([]);
  });

  it('take over from one that vanished when its session is over', async () => {
    const topic = await createTopic(kafka, uniqueTopic('group'), { partitions: 4 });
    const first = join(kafka, topic, [topic], { sessionTimeout: 2_000 });
    await eventually(() => first.held.length === 4, { what: 'the first member has everything' });
    const second = join(kafka, topic, [topic], { sessionTimeout: 2_000 });
    await eventually(() => second.held.length === 2, { what: 'they share' });
    first.vanish();
    await eventually(() => second.held.length === 4, { what: 'the second member has everything', deadline: 12_000 });
  });

  it('see partitions that are added', async () => {
    const topic = await createTopic(kafka, uniqueTopic('group'), { partitions: 1 });
    const only = join(kafka, topic, [topic]);
    await eventually(() => only.held.length === 1, { what: 'the partition is assigned' });
    await withAdmin(kafka, (admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }));
    await eventually(() => (only.cluster.invalidate(), only.held.length === 3), { what: 'the new ones are assigned too', every: 200 });
  });

  it('keep their partitions over a restart where they are static, without a rebalance', async () => {
    const topic = await createTopic(kafka, uniqueTopic('group'), { partitions: 4 });
    const staying = join(kafka, topic, [topic], { instanceId: 'a' });
    const before = join(kafka, topic, [topic], { instanceId: 'b' });
    await eventually(() => staying.held.length === 2 && before.held.length === 2, { what: 'they share' });
    const { held } = before;
    const log = [...staying.log];
    before.vanish();
    const after = join(kafka, topic, [topic], { instanceId: 'b' });
    await eventually(() => after.held.length === 2, { what: 'the same are assigned again' });
    expect(after.held).toEqual(held);
    expect(staying.log).toEqual(log);
  });

  it('end where a newcomer has their instance id', async () => {
    const topic = await createTopic(kafka, uniqueTopic('group'), { partitions: 1 });
    const before = join(kafka, topic, [topic], { instanceId: 'a' });
    await eventually(() => before.held.length === 1, { what: 'it is assigned' });
    const after = join(kafka, topic, [topic], { instanceId: 'a' });
    await eventually(() => before.failure !== undefined && after.held.length === 1, { what: 'the newcomer took over' });
    expect(before.failure).toMatchObject({ code: 'FENCED_INSTANCE_ID' });
    expect(before.log.at(-1)).toBe('lost FENCED_INSTANCE_ID');
  });

  it('are told by the broker when their settings are wrong', async () => {
    const topic = await createTopic(kafka, uniqueTopic('group'), { partitions: 1 });
    const wrong = join(kafka, topic, [topic], { sessionTimeout: 1 });
    await eventually(() => wrong.failure !== undefined, { what: 'it ends' });
    expect(wrong.failure).toMatchObject({ code: 'INVALID_SESSION_TIMEOUT', retriable: false });
  });
});

await describeJava('a group of kafka-rx and Java', () => {
  it('shares the partitions, whoever leads, and takes over from each other', { timeout: 60_000 }, async () => {
    const kafka = await sharedKafka();
    const topic = await createTopic(kafka, uniqueTopic('java'), { partitions: 6 });
    const ours = join(kafka, topic, [topic]);
    await eventually(() => ours.held.length === 6, { what: 'ours has everything' });

    const first = await verifiableConsumer(kafka, topic);
    await eventually(() => ours.held.length === 3 && first.held().length === 3, { what: 'both have half (ours leads)', deadline: 20_000 });
    expect([...ours.held, ...first.held()].sort()).toEqual(partitions(topic, 6));
    expect(ours.told.at(-1)).toMatchObject({ kind: 'joined', leader: true });

    await ours.leave();
    await eventually(() => first.held().length === 6, { what: 'Java has everything', deadline: 20_000 });
    const again = join(kafka, topic, [topic]);
    await eventually(() => again.held.length === 3 && first.held().length === 3, { what: 'both have half (Java leads)', deadline: 20_000 });
    expect([...again.held, ...first.held()].sort()).toEqual(partitions(topic, 6));
    expect(again.told.at(-1)).toMatchObject({ kind: 'joined', leader: false });
    first.kill();
    await eventually(() => again.held.length === 6, { what: 'ours has everything again', deadline: 20_000 });
  });
});

await describeJava('a member whose coordinator goes', () => {
  it('finds it again, and keeps what it holds', { timeout: 90_000 }, async () => {
    const kafka = await ownedKafka({ brokers: 1, properties: fastProperties });
    try {
      const topic = await createTopic(kafka, uniqueTopic('group'), { partitions: 3 });
      const member = join(kafka, topic, [topic], { sessionTimeout: 20_000 });
      await eventually(() => member.held.length === 3, { what: 'it is assigned' });
      await kafka.kill(1);
      await eventually(() => member.told.some(({ kind }) => kind === 'retryScheduled'), { what: 'it notices' });
      await kafka.start(1);
      await eventually(() => member.lastAlive > Date.now() - 1_000, { what: 'its heartbeats are answered again', deadline: 15_000 });
      expect(member.held).toEqual(partitions(topic, 3));
      expect([member.failure, member.log]).toEqual([undefined, ['assigned 3 in 1']]);
      await member.leave();
    } finally {
      await kafka.close();
    }
  });
});

/** Java's own consumer, with its range assignor. */
async function verifiableConsumer(kafka: HasBrokers, topic: string): Promise<{ held(): readonly string[]; kill(): void }> {
  const strategy = 'org.apache.kafka.clients.consumer.RangeAssignor';
  const settings = ['--bootstrap-server', kafka.brokers.join(','), '--topic', topic, '--group-id', topic, '--session-timeout', '6000'];
  const child = await startJava('org.apache.kafka.tools.VerifiableConsumer', [
    ...settings,
    '--assignment-strategy',
    strategy,
    '--reset-policy',
    'earliest',
  ]);
  let held: readonly string[] = [];
  let text = '';
  child.stderr?.resume();
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (text + chunk).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const event = JSON.parse(line) as { name: string; partitions?: { topic: string; partition: number }[] };
      if (event.name === 'partitions_revoked') held = [];
      if (event.name === 'partitions_assigned') held = (event.partitions ?? []).map((one) => `${one.topic}-${String(one.partition)}`);
    }
  });
  return { held: () => held, kill: () => void child.kill('SIGTERM') };
}
