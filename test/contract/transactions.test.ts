import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ConsumerOptions } from '../../src/index.ts';
import { consumed } from '../support/consume.ts';
import { createTopic, describeKafka, javaTool, uniqueTopic, type HasBrokers } from '../support/kafka.ts';
import { kafkaVersion } from '../support/kafka/version.ts';

const partitions = 3;
const steps = 400;
/** The option changed its name in Kafka 4. */
const formatting = kafkaVersion.startsWith('3.') ? '--property' : '--formatter-property';
const levels = ['read_committed', 'read_uncommitted'] as const;

/** Lines `partition offset value`, by partition in the order in which they came. */
type Seen = readonly (readonly string[])[];

interface Written {
  readonly partition: number;
  readonly offset: number;
  readonly state: string;
  readonly value: string;
}

const source = join(import.meta.dirname, '../support/kafka/java/WriteTransactions.java');

async function writeTransactions(kafka: HasBrokers, topic: string, seed: number): Promise<readonly Written[]> {
  const settings = { topic, partitions, steps, seed, 'bootstrap.servers': kafka.brokers.join(',') };
  const args = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const { stdout } = await javaTool('WriteTransactions', args, { source });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [partition, offset, state = '', value = ''] = line.split(' ');
      return { partition: Number(partition), offset: Number(offset), state, value };
    });
}

/** What Kafka's own console consumer prints. It ends when nothing has come for some seconds. */
async function consoleConsumer(kafka: HasBrokers, topic: string, isolationLevel: string): Promise<Seen> {
  const { stdout, stderr } = await javaTool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
    ...['--bootstrap-server', kafka.brokers.join(','), '--topic', topic, '--from-beginning'],
    ...['--isolation-level', isolationLevel, '--timeout-ms', '8000'],
    ...['print.partition=true', 'print.offset=true', 'key.separator= '].flatMap((property) => [formatting, property]),
  ]);
  const lines = stdout.split('\n').filter((line) => line !== '');
  expect(stderr).toContain(`Processed a total of ${lines.length} messages`);
  const seen = lines.map((line) => line.replace('Partition:', '').replace('Offset:', ''));
  return Array.from({ length: partitions }, (_, partition) => seen.filter((line) => line.startsWith(`${partition} `)));
}

async function ours(kafka: HasBrokers, topic: string, options: Partial<ConsumerOptions>): Promise<Seen> {
  const seen: string[][] = Array.from({ length: partitions }, () => []);
  const manual = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  await consumed(kafka, { partitions: manual, stopAt: 'end', ...options } as ConsumerOptions, ({ partition, offset, value }) => {
    seen[partition]?.push(`${partition} ${offset} ${String(value)}`);
  });
  return seen;
}

const sizes: readonly (readonly [string, NonNullable<ConsumerOptions['fetch']>])[] = [
  ...[1, 400, 5_000].map((bytes) => [`${bytes} bytes`, { maxPartitionBytes: bytes, maxBytes: bytes }] as const),
  ['the default', {}],
];

await describeKafka('five producers whose transactions are interleaved, some compressed, some open at the end', (kafka) => {
  let topic = '';
  let written: readonly Written[] = [];
  const java: Record<string, Seen> = {};

  beforeAll(async () => {
    topic = await createTopic(kafka, uniqueTopic('transactions'), { partitions });
    written = await writeTransactions(kafka, topic, 20_260_101);
    await Promise.all(levels.map(async (level) => (java[level] = await consoleConsumer(kafka, topic, level))));
  }, 120_000);

  test('are what the test needs: all kinds, and committed records hidden behind open ones', () => {
    const count = (state: string): number => written.filter((record) => record.state === state).length;
    for (const state of ['committed', 'aborted', 'plain']) expect(count(state)).toBeGreaterThan(100);
    expect(count('open')).toBeGreaterThan(0);
    const all = java['read_uncommitted']?.flat() ?? [];
    const committed = java['read_committed']?.flat() ?? [];
    expect(all).toHaveLength(written.length);
    expect(committed.length).toBeLessThan(count('committed') + count('plain'));
    expect(committed.length).toBeGreaterThan(100);
  });

  describe.each(levels)('%s', (isolationLevel) => {
    test.each(sizes)('in fetches of %s: what the Java console consumer prints, and the end is reached', async (_, fetch) => {
      expect(await ours(kafka, topic, { isolationLevel, fetch })).toEqual(java[isolationLevel]);
    });

    test('from any offset: the rest of it', async () => {
      const ends = (java['read_uncommitted'] ?? []).map((lines) => Number(lines.at(-1)?.split(' ')[1]));
      for (const part of [0.13, 0.5, 0.77]) {
        const from = ends.map((end) => Math.floor(end * part));
        const manual = from.map((offset, partition) => ({ topic, partition, startFrom: { offset } }));
        const seen = await ours(kafka, topic, { isolationLevel, partitions: manual, fetch: { maxPartitionBytes: 400 } });
        const rest = (java[isolationLevel] ?? []).map((lines, partition) =>
          lines.filter((line) => Number(line.split(' ')[1]) >= (from[partition] ?? 0)),
        );
        expect(seen).toEqual(rest);
      }
    });
  });
});
