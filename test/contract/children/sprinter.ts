import process from 'node:process';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import kafkajs from 'kafkajs';
import { mergeMap } from 'rxjs';
import { fromKafka } from '../../../src/index.ts';

/** How a run went. Times in ms. */
export interface Run {
  readonly count: number;
  /** What came out of order or twice. */
  readonly strange: readonly string[];
  /** The delay of the event loop: the clock's time, also while other processes had the processor. */
  readonly p99: number;
  /** The processor's time that this process used from one timer to the next: the delay that is our own doing, garbage collection included. */
  readonly ownP99: number;
  readonly took: number;
}

/** Reads a topic to its end with the defaults, acks each record, and tells how long the event loop was held up meanwhile. */
const [brokers = '', topic = '', groupId = ''] = process.argv.slice(2);
const kafka = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
const delay = monitorEventLoopDelay({ resolution: 1 });
const own: number[] = [];
const next: number[] = [];
const strange: string[] = [];
let count = 0;
let began = 0;
let used = 0;
let sampling: NodeJS.Timeout | undefined;

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function start(): void {
  began = performance.now();
  used = cpu();
  delay.enable();
  sampling = setInterval(() => {
    const now = cpu();
    own.push(now - used);
    used = now;
  }, 1);
}

function finish(): void {
  clearInterval(sampling);
  delay.disable();
  own.sort((a, b) => a - b);
  const run: Run = {
    count,
    strange,
    p99: delay.percentile(99) / 1e6,
    ownP99: own[Math.floor(own.length * 0.99)] ?? 0,
    took: performance.now() - began,
  };
  process.send?.(run);
  process.disconnect();
}

fromKafka(kafka, { groupId, topics: [topic], stopAt: 'end' })
  .pipe(mergeMap((partition) => partition))
  .subscribe({
    next: (record) => {
      if (count++ === 0) start();
      const { partition, offset } = record;
      const due = next[partition] ?? 0;
      if (offset !== due) strange.push(`${partition}: ${offset} where ${due} was due`);
      next[partition] = offset + 1;
      record.ack();
    },
    error: (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
    complete: finish,
  });
