import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import type { KafkaMessage } from 'kafkajs';
import { nodesKnownBy } from './kafka/probe.ts';
import {
  createTopic,
  describeJava,
  describeKafka,
  eventually,
  expectedRecord,
  fastProperties,
  javaTool,
  kafkajsFor,
  ownedKafka,
  produceWithJava,
  uniqueTopic,
  withAdmin,
} from './kafka.ts';
import type { ExpectedRecord, HasBrokers } from './kafka.ts';

async function endOffsets(kafka: HasBrokers, topic: string): Promise<readonly number[]> {
  const offsets = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic));
  return offsets.toSorted((a, b) => a.partition - b.partition).map(({ high }) => Number(high));
}

/** The headers that kafkajs gives in groups by name, in the order of names. */
function seen(partition: number, { key, value, headers = {}, timestamp }: KafkaMessage): ExpectedRecord {
  const pairs = Object.entries(headers).flatMap(([name, values]) =>
    (Array.isArray(values) ? values : [values]).map((one) => [name, one?.toString() ?? null] as const),
  );
  return { partition, timestamp: Number(timestamp), key: key?.toString() ?? null, value: value?.toString() ?? null, headers: pairs };
}

async function readWithKafkajs(kafka: HasBrokers, topic: string, count: number): Promise<ReadonlyMap<string, ExpectedRecord>> {
  const records = new Map<string, ExpectedRecord>();
  const consumer = kafkajsFor(kafka).consumer({ groupId: topic });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => void records.set(`${partition}@${message.offset}`, seen(partition, message)),
    });
    await eventually(() => records.size >= count, { what: `${count} records read`, deadline: 30_000 });
  } finally {
    await consumer.disconnect();
  }
  return records;
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

await describeKafka('the shared Kafka', (kafka) => {
  test('answers ApiVersions and Metadata', async () => {
    expect(kafka.brokers.length).toBeGreaterThan(0);
    const known = await nodesKnownBy(kafka.brokers[0] ?? '');
    expect(known.length).toBeGreaterThan(0);
    const { brokers } = await withAdmin(kafka, (admin) => admin.describeCluster());
    expect(brokers.map(({ nodeId }) => nodeId).toSorted()).toEqual([...known].toSorted());
  });

  test('has topics with the partitions asked for', { timeout: 60_000 }, async () => {
    const topic = await createTopic(kafka, uniqueTopic('ground'), { partitions: 3, configs: { 'segment.bytes': '1048576' } });
    expect(await endOffsets(kafka, topic)).toEqual([0, 0, 0]);
  });

  test('takes what the console producer reads from its standard input', { timeout: 120_000 }, async () => {
    const topic = await createTopic(kafka, uniqueTopic('ground'), { partitions: 1 });
    const args = ['--bootstrap-server', kafka.brokers.join(','), '--topic', topic];
    await javaTool('org.apache.kafka.tools.ConsoleProducer', args, { stdin: 'one\ntwo\n' });
    expect(await endOffsets(kafka, topic)).toEqual([2]);
  });
});

await describeJava('Java tools', () => {
  test('answer with what they print, and reject when they fail', { timeout: 120_000 }, async () => {
    const { stdout } = await javaTool('kafka.tools.StorageTool', ['random-uuid']);
    expect(stdout.trim()).toMatch(/^[\w-]{22}$/);
    await expect(javaTool('kafka.tools.StorageTool', ['no-such-command'])).rejects.toThrow('no-such-command');
  });
});

await describeJava('a Kafka of its own', () => {
  test('one node keeps data and ports over stop, kill and start; frozen it answers nothing', { timeout: 120_000 }, async () => {
    const kafka = await ownedKafka({ properties: { ...fastProperties } });
    try {
      const topic = await createTopic(kafka, 'kept', { partitions: 2 });
      await produceWithJava(kafka, { topic, partitions: 2, count: 1_000 });
      await kafka.stop(1);
      await expect(nodesKnownBy(kafka.address(1))).rejects.toThrow('ECONNREFUSED');
      await kafka.start(1);
      await eventually(async () => expect(await endOffsets(kafka, topic)).toEqual([500, 500]), {
        what: 'the data is there',
        deadline: 30_000,
      });
      kafka.freeze(1);
      await expect(nodesKnownBy(kafka.address(1), 300)).rejects.toThrow('no answer within 300 ms');
      kafka.thaw(1);
      await eventually(() => nodesKnownBy(kafka.address(1)), { what: 'it answers again', deadline: 30_000 });
      await kafka.kill(1);
      await expect(nodesKnownBy(kafka.address(1))).rejects.toThrow('ECONNREFUSED');
      await kafka.start(1);
      await eventually(async () => expect(await endOffsets(kafka, topic)).toEqual([500, 500]), {
        what: 'the data is there',
        deadline: 30_000,
      });
    } finally {
      await kafka.close();
    }
  });

  test('three nodes know each other, replicate, and go on without one', { timeout: 120_000 }, async () => {
    const kafka = await ownedKafka({ brokers: 3, properties: fastProperties });
    try {
      expect(kafka.brokers).toHaveLength(3);
      const topic = await createTopic(kafka, 'replicated', { partitions: 3, replicationFactor: 3 });
      await kafka.kill(2);
      const others = { brokers: [kafka.address(1), kafka.address(3)] };
      await eventually(async () => expect((await nodesKnownBy(kafka.address(1))).toSorted()).toEqual([1, 3]), {
        what: 'node 2 is missed',
        deadline: 30_000,
      });
      await produceWithJava(others, { topic, partitions: 3, count: 3_000 });
      expect(await endOffsets(others, topic)).toEqual([1_000, 1_000, 1_000]);
      await kafka.start(2);
    } finally {
      await kafka.close();
    }
  });

  test('says what the broker logged when it cannot start', { timeout: 120_000 }, async () => {
    await expect(ownedKafka({ properties: { 'log.segment.bytes': 'many' } })).rejects.toThrow('log.segment.bytes');
  });

  test('leaves neither broker nor data when its process is killed', { timeout: 120_000 }, async () => {
    const program = join(import.meta.dirname, 'kafka/abandoned.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line = ''] = await new Promise<readonly string[]>((resolve) =>
      createInterface(child.stdout).once('line', (text) => resolve([text])),
    );
    const { pid, folder } = JSON.parse(line) as { readonly pid: number; readonly folder: string };
    expect(isAlive(pid)).toBe(true);
    expect(existsSync(folder)).toBe(true);
    child.kill('SIGKILL');
    await eventually(() => !isAlive(pid), { what: 'the broker is gone', deadline: 30_000 });
    await eventually(() => !existsSync(folder) && !existsSync(`${folder}.gone`), { what: 'its data is gone', deadline: 30_000 });
  });
});

await describeKafka('records written by Java', (kafka) => {
  const plan = { partitions: 3, valueSize: 60 };

  test.for(['none', 'gzip'] as const)('are those that can be computed: %s', { timeout: 120_000 }, async (compression) => {
    const topic = await createTopic(kafka, uniqueTopic('java'), { partitions: 3 });
    const produced = await produceWithJava(kafka, { ...plan, topic, count: 10_000, compression });
    expect(produced.partitions.map(({ count }) => count)).toEqual([3_334, 3_333, 3_333]);
    expect(produced.partitions.map(({ lastOffset }) => lastOffset)).toEqual([3_333, 3_332, 3_332]);
    expect(await endOffsets(kafka, topic)).toEqual([3_334, 3_333, 3_333]);
    const records = await readWithKafkajs(kafka, topic, 10_000);
    const read = Array.from({ length: 10_000 }, (_, i) => records.get(`${i % 3}@${Math.floor(i / 3)}`));
    expect(read).toEqual(read.map((_, i) => produced.record(i)));
  });

  test.for(['snappy', 'lz4', 'zstd'] as const)('are compressed with %s as well', { timeout: 120_000 }, async (compression) => {
    const topic = await createTopic(kafka, uniqueTopic('java'), { partitions: 3 });
    await produceWithJava(kafka, { ...plan, topic, count: 300, compression });
    expect(await endOffsets(kafka, topic)).toEqual([100, 100, 100]);
  });

  test('go on where they ended, and a transaction takes an offset of its own', { timeout: 120_000 }, async () => {
    const topic = await createTopic(kafka, uniqueTopic('java'), { partitions: 3 });
    await produceWithJava(kafka, { ...plan, topic, count: 10, transaction: 'abort' });
    expect(await endOffsets(kafka, topic)).toEqual([5, 4, 4]);
    const more = await produceWithJava(kafka, { ...plan, topic, from: 10, count: 10, transaction: 'commit' });
    expect(more.partitions.map(({ firstOffset, count }) => [firstOffset, count])).toEqual([
      [5, 3],
      [4, 4],
      [4, 3],
    ]);
    expect(more.at(1, 4)).toEqual(more.record(10));
    expect(more.at(0, 5)).toEqual(more.record(12));
    expect(more.at(0, 6)).toEqual(more.record(15));
  });
});

describe('expectedRecord', () => {
  test('has nulls, repeated headers, and values of the size asked for', () => {
    const record = (i: number): ExpectedRecord => expectedRecord(i, { partitions: 2, valueSize: 20, timestamp: 1_000 });
    expect(record(0)).toMatchObject({ partition: 0, timestamp: 1_000, key: null, value: '0:0:efghijklmnopqrst' });
    expect(record(0).headers.map(([name]) => name)).toEqual(['h', 'h', 'none', '']);
    expect(record(12)).toMatchObject({ value: null, key: 'k12', headers: [] });
  });
});
