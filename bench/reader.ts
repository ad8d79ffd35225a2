import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import kafkajs from 'kafkajs';
import { mergeMap } from 'rxjs';
import type * as library from '../src/index.ts';

/** What one process measured from the moment at which it was assigned the partition to the last record. */
export interface Measured {
  readonly count: number;
  readonly seconds: number;
  /** Of the processor, user and system, all threads. */
  readonly cpuSeconds: number;
  /** Milliseconds. */
  readonly loopP99: number;
  /** Of all values: who skips the values skips work. */
  readonly bytes: number;
}

export const ways = ['kafka-rx records', 'kafka-rx batches', 'kafkajs eachBatch'] as const;
export type Way = (typeof ways)[number];

/** Counts until `expected` records have come. */
class Meter {
  count = 0;
  bytes = 0;
  private began = 0;
  private used = process.cpuUsage();
  private readonly delay = monitorEventLoopDelay({ resolution: 1 });

  start(): void {
    this.began = performance.now();
    this.used = process.cpuUsage();
    this.delay.enable();
  }

  stop(): Measured {
    this.delay.disable();
    const { user, system } = process.cpuUsage(this.used);
    return {
      count: this.count,
      seconds: (performance.now() - this.began) / 1_000,
      cpuSeconds: (user + system) / 1e6,
      loopP99: this.delay.percentile(99) / 1e6,
      bytes: this.bytes,
    };
  }
}

async function readWithKafkaRx(brokers: string[], topic: string, groupId: string, expected: number, whole: boolean): Promise<Measured> {
  // The library as it is published: compiled.
  const built = new URL('../dist/src/index.js', import.meta.url).href;
  const { fromKafka } = (await import(built)) as typeof library;
  const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING });
  const meter = new Meter();
  const streams = fromKafka(kafka, {
    groupId,
    topics: [topic],
    events: ({ kind }) => {
      if (kind === 'assigned') meter.start();
    },
  });
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      resolve(meter.stop());
      subscription.unsubscribe();
    };
    const subscription = whole
      ? streams.pipe(mergeMap((partition) => partition.batches)).subscribe({
          next: (batch) => {
            for (const record of batch) meter.bytes += record.value?.length ?? 0;
            meter.count += batch.length;
            batch.ack();
            if (meter.count === expected) finish();
          },
          error: reject,
        })
      : streams.pipe(mergeMap((partition) => partition)).subscribe({
          next: (record) => {
            meter.count++;
            meter.bytes += record.value?.length ?? 0;
            record.ack();
            if (meter.count === expected) finish();
          },
          error: reject,
        });
  });
}

async function readWithKafkajs(brokers: string[], topic: string, groupId: string, expected: number): Promise<Measured> {
  const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId });
  const meter = new Meter();
  consumer.on(consumer.events.GROUP_JOIN, () => meter.start());
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  return new Promise((resolve, reject) => {
    consumer
      .run({
        eachBatch: async ({ batch }) => {
          for (const { value } of batch.messages) meter.bytes += value?.length ?? 0;
          meter.count += batch.messages.length;
          if (meter.count === expected) resolve(meter.stop());
        },
      })
      .catch(reject);
  });
}

if (process.send !== undefined) {
  const [way = '', brokers = '', topic = '', groupId = '', count = ''] = process.argv.slice(2);
  const list = brokers.split(',');
  const measured =
    way === 'kafkajs eachBatch'
      ? await readWithKafkajs(list, topic, groupId, Number(count))
      : await readWithKafkaRx(list, topic, groupId, Number(count), way === 'kafka-rx batches');
  process.send(measured, () => process.exit(0));
}
