import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Producer } from 'kafkajs';
import { kafkajsFor, startJava, type HasBrokers } from '../../support/kafka.ts';
import { writtenIn, type Written } from './log.ts';

const source = join(import.meta.dirname, 'java/WriteNumbers.java');

export interface WritingPlan {
  readonly topic: string;
  readonly partitions: number;
  /** In transactions of that name. */
  readonly transactionalId?: string;
  /** Records at a time, 6, and how long from one time to the next: 20 ms. */
  readonly size?: number;
  readonly pause?: number;
}

/** Kafka's own producer in a process of its own: it goes on whatever becomes of the brokers. */
export class Writer {
  readonly written: Written[] = [];
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;
  #grumble = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#gone = once(child, 'close');
    child.stderr?.on('data', (chunk: Buffer) => (this.#grumble = (this.#grumble + String(chunk)).slice(-5_000)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const written = writtenIn(line);
      if (written !== undefined) this.written.push(written);
    });
  }

  static async start({ brokers }: HasBrokers, plan: WritingPlan): Promise<Writer> {
    const { topic, partitions, transactionalId = '', size = 6, pause = 20 } = plan;
    const settings = { topic, partitions, size, pause, 'bootstrap.servers': brokers.join(','), 'transactional.id': transactionalId };
    const args = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    return new Writer(await startJava('WriteNumbers', args, { source }));
  }

  /** How many records are to be delivered. */
  get visible(): number {
    return this.written.filter(({ state }) => state === 'written' || state === 'committed').length;
  }

  /** Writes no more; resolves when what became of all of it is told. */
  async stop(): Promise<readonly Written[]> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.stdin?.write('\n');
    await this.#gone;
    if (this.#child.exitCode !== 0) throw new Error(`the writer failed: ${this.#grumble}`);
    return this.written;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

async function producing<T>(kafka: HasBrokers, work: (producer: Producer) => Promise<T>): Promise<T> {
  const producer = kafkajsFor(kafka).producer({ retry: { retries: 30, initialRetryTime: 50, maxRetryTime: 300 } });
  await producer.connect();
  try {
    return await work(producer);
  } finally {
    await producer.disconnect();
  }
}

/** Writes these values to a partition, in one batch, and knows where they are. */
export function write(kafka: HasBrokers, topic: string, partition: number, values: readonly string[]): Promise<readonly Written[]> {
  return producing(kafka, async (producer) => {
    const [sent] = await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value, partition })) });
    const first = Number(sent?.baseOffset ?? NaN);
    const at = Date.now();
    return values.map((value, index) => ({ partition, offset: first + index, value, at, state: 'written' }));
  });
}

/** Writes these values to partition 0, a batch each, as fast as its leader takes them and without waiting for anybody else. In the order of the log. */
export function burst(kafka: HasBrokers, topic: string, values: readonly string[]): Promise<readonly Written[]> {
  return producing(kafka, async (producer) => {
    const sending = values.map(async (value): Promise<Written> => {
      const [sent] = await producer.send({ topic, acks: 1, messages: [{ value, partition: 0 }] });
      return { partition: 0, offset: Number(sent?.baseOffset ?? NaN), value, at: Date.now(), state: 'written' };
    });
    return (await Promise.all(sending)).toSorted((a, b) => a.offset - b.offset);
  });
}
