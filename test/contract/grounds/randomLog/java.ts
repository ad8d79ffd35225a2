import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { KafkaRecord } from '../../../../src/index.ts';
import { javaTool, type HasBrokers } from '../../../support/kafka.ts';
import { kafkaVersion } from '../../../support/kafka/version.ts';
import type { IsolationLevel } from '../transactions/written.ts';

/** The option changed its name in Kafka 4. */
const formatting = kafkaVersion.startsWith('3.') ? '--property' : '--formatter-property';
const NULL = '<null>';
/** It ends when nothing has come for so many ms. */
const PATIENCE = 5_000;
const LONG = 300;

/** The records of one partition that are to be seen, in their order. */
export interface Printed {
  readonly offsets: readonly number[];
  readonly lines: readonly string[];
}

/** By partition, of all topics whose names begin like that. */
export type Truth = ReadonlyMap<number, Printed>;

/** What Kafka's own console consumer prints of these topics: all that it can tell of a record. */
export async function printedByJava(kafka: HasBrokers, prefix: string, isolationLevel: IsolationLevel): Promise<Truth> {
  const shown = ['timestamp', 'partition', 'offset', 'headers', 'key', 'value'].map((what) => `print.${what}=true`);
  const { stdout, stderr } = await javaTool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
    ...['--bootstrap-server', kafka.brokers.join(','), '--include', `${prefix}-.*`, '--from-beginning'],
    ...['--isolation-level', isolationLevel, '--timeout-ms', String(PATIENCE)],
    ...[...shown, 'key.separator=|', `null.literal=${NULL}`].flatMap((property) => [formatting, property]),
  ]);
  const truth = new Map<number, { offsets: number[]; lines: string[] }>();
  let count = 0;
  for (const line of stdout.split('\n')) {
    if (line === '') continue;
    const [, partition, offset] = /^\w+:\d+\|Partition:(\d+)\|Offset:(\d+)\|/.exec(line) ?? [];
    if (partition === undefined) throw new Error(`what does Java mean by ${line.slice(0, 200)}`);
    const printed = truth.get(Number(partition)) ?? { offsets: [], lines: [] };
    truth.set(Number(partition), printed);
    printed.offsets.push(Number(offset));
    printed.lines.push(shortened(line));
    count++;
  }
  expect(stderr).toContain(`Processed a total of ${count} messages`);
  return truth;
}

/** The same line of a record of ours. */
export function lineOf({ partition, offset, timestamp, headers, key, value }: KafkaRecord, timestampType: string): string {
  const all = Array.from(headers, ([name, content]) => `${name}:${textOf(content)}`);
  const said = all.length === 0 ? 'NO_HEADERS' : all.join(',');
  return shortened(`${timestampType}:${timestamp}|Partition:${partition}|Offset:${offset}|${said}|${textOf(key)}|${textOf(value)}`);
}

function textOf(bytes: Buffer | null): string {
  return bytes?.toString() ?? NULL;
}

/** Long lines need not be kept. */
function shortened(line: string): string {
  if (line.length <= LONG) return Buffer.from(line).toString(); // a copy: a slice would keep all that was printed
  return `${line.slice(0, LONG)}… ${createHash('sha1').update(line).digest('hex')}`;
}
