import { join } from 'node:path';
import { expect } from 'vitest';
import { javaTool, type HasBrokers } from '../../../support/kafka.ts';
import { kafkaVersion } from '../../../support/kafka/version.ts';
import type { IsolationLevel, Seen, WritingPlan, Written } from './written.ts';

/** The option changed its name in Kafka 4. */
const formatting = kafkaVersion.startsWith('3.') ? '--property' : '--formatter-property';
const source = join(import.meta.dirname, '../../../support/kafka/java/WriteTransactions.java');

/** Kafka's own producers write. */
export async function writeTransactions(kafka: HasBrokers, plan: WritingPlan): Promise<readonly Written[]> {
  const settings = { ...plan, 'bootstrap.servers': kafka.brokers.join(',') };
  const args = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const { stdout } = await javaTool('WriteTransactions', args, { source });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [partition, offset, state = '', value = ''] = line.split(' ');
      return { partition: Number(partition), offset: Number(offset), state: state as Written['state'], value };
    });
}

/** What Kafka's own console consumer prints. It ends when nothing has come for some seconds. */
export async function consoleConsumer(kafka: HasBrokers, topic: string, partitions: number, isolationLevel: IsolationLevel): Promise<Seen> {
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
