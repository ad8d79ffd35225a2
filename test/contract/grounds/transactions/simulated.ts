import type { SimulatedCluster } from '../../../../src/testing/index.ts';
import { seeded } from '../../../support/seeded.ts';
import { Line, Producer } from './producer.ts';
import type { IsolationLevel, Seen, WritingPlan, Written } from './written.ts';

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
const LEFT_OPEN = 2;

interface Place {
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
}

/** One producer and the records of its present transaction. */
interface Writer {
  readonly name: string;
  readonly isPlain: boolean;
  readonly producer: Producer;
  inTransaction: boolean;
  records: Place[];
}

/** Writes to the simulated cluster what WriteTransactions.java writes to a real one, over the wire as well. */
class Story {
  readonly told: Written[] = [];
  readonly #plan: WritingPlan;
  readonly #random: () => number;
  readonly #writers: readonly Writer[];
  #count = 0;

  constructor(line: Line, plan: WritingPlan) {
    const { topic } = plan;
    const writer = (name: string, producer: Producer): Writer => ({
      name,
      isPlain: name === 'plain',
      producer,
      inTransaction: false,
      records: [],
    });
    this.#plan = plan;
    this.#random = seeded(plan.seed);
    this.#writers = [
      ...codecs.map((codec, i) => writer(String(i), new Producer(line, topic, codec, `transaction-${topic}-${i}`))),
      writer('plain', new Producer(line, topic, 'none', undefined)),
    ];
  }

  async tell(): Promise<void> {
    for (const { producer } of this.#writers) await producer.init();
    for (let step = 0; step < this.#plan.steps; step++) {
      const writer = this.#writers[this.#below(this.#writers.length)];
      if (writer === undefined) continue;
      if (writer.inTransaction && this.#below(3) === 0) await this.#end(writer, this.#below(10));
      else await this.#write(writer);
    }
    const open = this.#writers.slice(0, LEFT_OPEN);
    for (const writer of open) if (!writer.inTransaction) await this.#write(writer);
    // What is written behind an open transaction is hidden by it, if it is committed and all.
    for (const writer of this.#writers.slice(LEFT_OPEN)) {
      await this.#write(writer);
      if (writer.inTransaction) await this.#end(writer, this.#below(9));
    }
    for (const writer of open) this.#settle(writer, 'open');
  }

  #below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }

  /** A few records to one or several partitions. */
  async #write(writer: Writer): Promise<void> {
    const { partitions } = this.#plan;
    const home = this.#below(partitions);
    const values = new Map<number, string[]>();
    for (let i = this.#below(6); i >= 0; i--) {
      const partition = this.#below(3) === 0 ? this.#below(partitions) : home;
      const value = `${this.#count++}-by-${writer.name}-${'x'.repeat(this.#below(120))}`;
      values.set(partition, [...(values.get(partition) ?? []), value]);
    }
    for (const [partition, batch] of values) {
      const first = await writer.producer.write(partition, batch);
      writer.records.push(...batch.map((value, i) => ({ partition, offset: first + i, value })));
    }
    if (writer.isPlain) this.#settle(writer, 'plain');
    else writer.inTransaction = true;
  }

  async #end(writer: Writer, how: number): Promise<void> {
    if (how < 9) await writer.producer.end(how < 5);
    // The successor aborts what is open, and its markers carry a later epoch.
    else await writer.producer.init();
    this.#settle(writer, how < 5 ? 'committed' : 'aborted');
    writer.inTransaction = false;
  }

  #settle(writer: Writer, state: Written['state']): void {
    this.told.push(...writer.records.map((record) => ({ ...record, state })));
    writer.records = [];
  }
}

export async function writeTransactions(cluster: SimulatedCluster, plan: WritingPlan): Promise<readonly Written[]> {
  const line = new Line(cluster);
  try {
    const story = new Story(line, plan);
    await story.tell();
    return story.told;
  } finally {
    line.close();
  }
}

/** What the cluster itself knows that it has, for a reader of that isolation level. */
export function truthOf(cluster: SimulatedCluster, topic: string, partitions: number, isolationLevel: IsolationLevel): Seen {
  const isolated = isolationLevel === 'read_committed';
  return Array.from({ length: partitions }, (_, partition) => {
    const { log } = cluster.partition(topic, partition);
    const end = isolated ? log.lastStableOffset : log.highWatermark;
    return [...log.entries()]
      .filter(({ offset, deliverable }) => offset < end && (isolated ? deliverable === 'yes' : deliverable !== 'control'))
      .map(({ offset, value }) => `${partition} ${offset} ${String(value)}`);
  });
}
