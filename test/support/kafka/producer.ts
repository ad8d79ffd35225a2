import { join } from 'node:path';
import type { HasBrokers } from './admin.ts';
import { javaTool } from './java.ts';

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

export interface ProduceOptions {
  /** It must exist, with at least that many partitions. */
  readonly topic: string;
  readonly partitions: number;
  /** Of all partitions together. */
  readonly count: number;
  /** The number of the first record. 0. */
  readonly from?: number;
  readonly compression?: Compression;
  /** Bytes; a value is longer only where its beginning is. 100. */
  readonly valueSize?: number;
  /** Milliseconds of record 0; the others follow one by one. The time of the call less `count`. */
  readonly timestamp?: number;
  /** Bytes of a batch before compression. 16,384. */
  readonly batchSize?: number;
  /** Milliseconds. 5. */
  readonly linger?: number;
  /** All records in one transaction that ends like that. */
  readonly transaction?: 'commit' | 'abort';
  /** Further settings of the Java producer; their names have a dot. */
  readonly config?: Readonly<Record<string, string>>;
}

export interface ExpectedRecord {
  readonly partition: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [string, string | null])[];
}

export interface ProducedPartition {
  /** -1 where nothing was written. */
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly count: number;
}

export interface Produced {
  readonly topic: string;
  readonly partitions: readonly ProducedPartition[];
  /** The record with that number, as it was written. */
  record(i: number): ExpectedRecord;
  /** The record of that partition at that offset, as it was written. */
  at(partition: number, offset: number): ExpectedRecord;
}

const letters = 'abcdefghijklmnopqrstuvwxyz';
const someHeaders: ExpectedRecord['headers'] = [
  ['h', '1'],
  ['h', '2'],
  ['none', null],
  ['', ''],
];

function valueOf(i: number, partitions: number, size: number): string | null {
  if (i % 13 === 12) return null;
  const head = `${i % partitions}:${Math.floor(i / partitions)}:`;
  const start = (i + head.length) % 26;
  const length = Math.max(0, size - head.length);
  return head + letters.repeat(Math.ceil((start + length) / 26)).slice(start, start + length);
}

/** Record number `i` of those that `produceWithJava` writes: ProduceRecords.java says the same in Java. */
export function expectedRecord(
  i: number,
  plan: { readonly partitions: number; readonly valueSize: number; readonly timestamp: number },
): ExpectedRecord {
  return {
    partition: i % plan.partitions,
    timestamp: plan.timestamp + i,
    key: i % 7 === 0 ? null : `k${i % 97}`,
    value: valueOf(i, plan.partitions, plan.valueSize),
    headers: i % 5 === 0 ? someHeaders : [],
  };
}

/** `partition first last` lines. */
function written(stdout: string, { from = 0, count, partitions }: ProduceOptions): readonly ProducedPartition[] {
  const upTo = (end: number, partition: number): number => Math.floor((end - partition + partitions - 1) / partitions);
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [partition = 0, firstOffset = -1, lastOffset = -1] = line.split(' ').map(Number);
      return { firstOffset, lastOffset, count: upTo(from + count, partition) - upTo(from, partition) };
    });
}

/** Writes records with Kafka's own producer, record `i` to partition `i % partitions`, each partition in order. 200,000 take a few seconds. */
export async function produceWithJava(kafka: HasBrokers, options: ProduceOptions): Promise<Produced> {
  const { topic, partitions, count, from = 0, valueSize = 100, timestamp = Date.now() - count } = options;
  const settings: Readonly<Record<string, string | number>> = {
    topic,
    partitions,
    from,
    count,
    valueSize,
    timestamp,
    transaction: options.transaction ?? '',
    'bootstrap.servers': kafka.brokers.join(','),
    'compression.type': options.compression ?? 'none',
    'batch.size': options.batchSize ?? 16_384,
    'linger.ms': options.linger ?? 5,
    ...options.config,
  };
  const args = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const { stdout } = await javaTool('ProduceRecords', args, { source: join(import.meta.dirname, 'java/ProduceRecords.java') });
  const ranges = written(stdout, options);
  const record = (i: number): ExpectedRecord => expectedRecord(i, { partitions, valueSize, timestamp });
  return producedOf({ topic, partitions, from, record, ranges });
}

interface Writing {
  readonly topic: string;
  readonly partitions: number;
  readonly from: number;
  readonly record: (i: number) => ExpectedRecord;
  readonly ranges: readonly ProducedPartition[];
}

/** What was written, once it is known at which offsets. */
export function producedOf({ topic, partitions, from, record, ranges }: Writing): Produced {
  return {
    topic,
    partitions: ranges,
    record,
    at: (partition, offset) => {
      const before = Math.ceil((from - partition) / partitions);
      return record((before + offset - (ranges[partition]?.firstOffset ?? 0)) * partitions + partition);
    },
  };
}
