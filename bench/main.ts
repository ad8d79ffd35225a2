import { once } from 'node:events';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { startChild } from '../test/support/child.ts';
import { createTopic, produceWithJava, uniqueTopic, type Compression } from '../test/support/kafka.ts';
import { findOrStartKafka, NoKafkaError } from '../test/support/kafka/ladder.ts';
import { ways, type Measured, type Way } from './reader.ts';

/**
 * How fast records come from a real Kafka, next to kafkajs on the same one: one partition, each run in a process of its own, every way once a round.
 *
 * Broker and reader share the machine, so the rates say nothing about another one; the ratios, taken within a round, do. BENCH_ROUNDS: 2.
 */
interface Load {
  readonly name: string;
  readonly count: number;
  readonly valueSize: number;
  readonly compression: Compression;
}

const loads: readonly Load[] = [
  { name: '100 B', count: 500_000, valueSize: 100, compression: 'none' },
  { name: '1 KB', count: 200_000, valueSize: 1_000, compression: 'none' },
  { name: '10 KB', count: 30_000, valueSize: 10_000, compression: 'none' },
  { name: '1 KB gzip', count: 100_000, valueSize: 1_000, compression: 'gzip' },
];
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 2);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = NaN, high = low] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return (low + high) / 2;
}

async function run(way: Way, brokers: readonly string[], topic: string, count: number): Promise<Measured> {
  const child = startChild(join(import.meta.dirname, 'reader.ts'), [way, brokers.join(','), topic, uniqueTopic('bench'), String(count)]);
  const exit = once(child, 'exit');
  const first = await Promise.race([once(child, 'message'), exit.then(() => undefined)]);
  if (first === undefined) throw new Error(`${way} ended without a word`);
  await exit;
  return (first as [Measured])[0];
}

const rate = ({ count, seconds }: Measured): number => count / seconds;

function line(load: Load, way: Way, runs: ReadonlyMap<Way, readonly Measured[]>): string {
  const own = runs.get(way) ?? [];
  const theirs = runs.get('kafkajs eachBatch') ?? [];
  const ratios = own.map((measured, round) => rate(measured) / rate(theirs[round] ?? measured));
  const cells = [
    load.name.padEnd(10),
    way.padEnd(18),
    (median(own.map(rate)) / 1_000).toFixed(0).padStart(8),
    `${median(ratios).toFixed(2)}x`.padStart(8),
    median(own.map(({ loopP99 }) => loopP99))
      .toFixed(1)
      .padStart(9),
    median(own.map(({ cpuSeconds, count }) => (cpuSeconds / count) * 1e6))
      .toFixed(2)
      .padStart(11),
  ];
  return cells.join(' ');
}

async function measure(brokers: readonly string[], load: Load): Promise<void> {
  const { count, valueSize, compression } = load;
  const topic = await createTopic({ brokers }, uniqueTopic('bench'), { partitions: 1 });
  await produceWithJava({ brokers }, { topic, partitions: 1, count, valueSize, compression });
  const runs = new Map<Way, Measured[]>(ways.map((way) => [way, []]));
  for (let round = 0; round < rounds; round++) {
    // Another order each round: who comes first finds a colder cache.
    const order = ways.map((_, index) => ways[(index + round) % ways.length] ?? ways[0]);
    for (const way of order) runs.get(way)?.push(await run(way, brokers, topic, count));
  }
  const sizes = new Set([...runs.values()].flat().map(({ count: got, bytes }) => `${got} ${bytes}`));
  if (sizes.size !== 1) throw new Error(`they did not read the same: ${[...sizes].join(', ')}`);
  for (const way of ways) console.log(line(load, way, runs));
}

try {
  const kafka = await findOrStartKafka();
  try {
    const loadBefore = loadavg()[0] ?? 0;
    console.log(
      `Node ${process.version}, ${availableParallelism()} processors, load ${loadBefore.toFixed(1)} before; ${rounds} rounds, medians`,
    );
    console.log('records    by                      k/s  kafkajs  p99 ms  CPU us/rec');
    for (const load of loads) await measure(kafka.brokers, load);
  } finally {
    await kafka.close();
  }
} catch (error) {
  if (!(error instanceof NoKafkaError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
