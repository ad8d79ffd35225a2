import process from 'node:process';
import kafkajs from 'kafkajs';
import { processRecords } from '../../../operators/index.ts';
import { fromKafka } from '../../../src/index.ts';

/** Memory in bytes, after a collection. */
export interface Look {
  readonly count: number;
  /** What came out of order or twice. */
  readonly strange: readonly string[];
  readonly heap: number;
  readonly outside: number;
  readonly resident: number;
}

/** Reads with the defaults until it is killed, and answers each message with a look. */
const [brokers = '', topic = ''] = process.argv.slice(2);
const kafka = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
const next: number[] = [];
const strange: string[] = [];
let count = 0;

process.on('message', () => {
  global.gc?.();
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  process.send?.({ count, strange, heap: heapUsed, outside: external + arrayBuffers, resident: rss } satisfies Look);
});

fromKafka(kafka, { groupId: topic, topics: [topic] })
  .pipe(
    processRecords(({ partition, offset }) => {
      const due = next[partition] ?? 0;
      if (offset !== due) strange.push(`${partition}: ${offset} where ${due} was due`);
      next[partition] = offset + 1;
      count++;
    }),
  )
  .subscribe({
    error: (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  });
