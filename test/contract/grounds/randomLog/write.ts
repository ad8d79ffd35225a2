import { kafkajsConnector } from '../../../../src/transport/kafkajs/kafkajsConnector.ts';
import { kafkajsFor, type Compression, type HasBrokers } from '../../../support/kafka.ts';
import { createLedTopic } from '../rawLog/topic.ts';
import { Line } from '../transactions/producer.ts';
import { LogClock } from './content.ts';
import { Dice } from './dice.ts';
import { allPartitions, type LogTopic } from './plan.ts';
import { findTransactions, Writer } from './writer.ts';

const codecs: readonly [Compression, ...Compression[]] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const TRANSACTIONAL = 5;
const PLAIN = 2;
const IDEMPOTENT = 2;
/** What part of the batches is written in transactions, markers counted. */
const IN_TRANSACTIONS = 0.6;
/** Partitions whose last transaction stays open. The others end with none. */
export const openAtTheEnd: readonly number[] = [1, 4, 5];

/** How many batches are still to be written, markers with them. */
class Budget {
  left: number;
  markers = 0;

  constructor(batches: number) {
    this.left = batches;
  }

  take(batches: number): boolean {
    this.left -= batches;
    return this.left + batches > 0;
  }
}

export interface WrittenLog {
  readonly data: number;
  readonly markers: number;
  readonly transactions: number;
}

/** Creates the topics, and writes that many random batches to them: five producers in transactions, others without, all at once. */
export async function writeLog(kafka: HasBrokers, topics: readonly LogTopic[], batches: number, seed: number): Promise<WrittenLog> {
  for (const { name, partitions, configs } of topics)
    await createLedTopic(kafka, name, { partitions: Math.max(...partitions) + 1, configs });
  const connector = kafkajsConnector(kafkajsFor(kafka));
  const lines = Array.from({ length: TRANSACTIONAL + PLAIN + IDEMPOTENT }, () => new Line(connector));
  try {
    for (const line of lines.slice(0, 1)) await findTransactions(line);
    return await new Story(lines, topics, batches, seed).tell();
  } finally {
    for (const line of lines) line.close();
  }
}

class Story {
  readonly #budget: Budget;
  readonly #others: Budget;
  readonly #writers: readonly { readonly writer: Writer; readonly dice: Dice; readonly codec: Compression }[];
  #transactions = 0;

  constructor(lines: readonly Line[], topics: readonly LogTopic[], batches: number, seed: number) {
    const clock = new LogClock();
    this.#budget = new Budget(batches * IN_TRANSACTIONS);
    this.#others = new Budget(batches * (1 - IN_TRANSACTIONS));
    this.#writers = lines.map((line, i) => {
      const dice = new Dice(seed * 1_000 + i);
      const transactionalId = i < TRANSACTIONAL ? `${topics[0]?.name ?? ''}-${i}` : null;
      return { writer: new Writer({ line, topics, clock, dice }, transactionalId), dice, codec: codecs[i % codecs.length] ?? 'none' };
    });
  }

  async tell(): Promise<WrittenLog> {
    await Promise.all(
      this.#writers.map(({ writer, dice, codec }, i) => {
        if (i < TRANSACTIONAL) return this.#inTransactions(writer, dice, codec);
        return i < TRANSACTIONAL + PLAIN ? this.#plainly(writer, dice) : this.#idempotently(writer, dice);
      }),
    );
    await this.#leaveOpen();
    const data = this.#writers.reduce((sum, { writer }) => sum + writer.written, 0);
    return { data, markers: this.#budget.markers, transactions: this.#transactions };
  }

  async #inTransactions(writer: Writer, dice: Dice, codec: Compression): Promise<void> {
    await writer.init();
    for (;;) {
      const partitions = dice.some(allPartitions, 4);
      const further = Array.from({ length: dice.below(6) }, () => dice.some(partitions, partitions.length));
      if (!this.#budget.take(2 * partitions.length + further.flat().length)) return;
      await writer.add(partitions);
      for (const each of [partitions, ...further]) await writer.write(each, codec);
      await writer.appended();
      const how = dice.below(20);
      // The successor aborts what is open, and its markers carry a later epoch.
      if (how === 0) await writer.init();
      else await writer.end(how > 8);
      this.#budget.markers += partitions.length;
      this.#transactions++;
    }
  }

  async #plainly(writer: Writer, dice: Dice): Promise<void> {
    for (;;) {
      const partitions = dice.some(allPartitions, 3);
      if (!this.#others.take(partitions.length)) break;
      await writer.write(partitions, dice.pick(codecs));
    }
    await writer.appended();
  }

  /** A producer that has gone leaves its last batch, with nothing in it if later records took everything. */
  async #idempotently(writer: Writer, dice: Dice): Promise<void> {
    for (;;) {
      const partitions = dice.some(allPartitions, 3);
      const times = 1 + dice.below(8);
      if (!this.#others.take(partitions.length * times)) return;
      await writer.init();
      for (let i = 0; i < times; i++) await writer.write(partitions, dice.pick(codecs));
      await writer.appended();
    }
  }

  /** One transaction stays open in some partitions, and what is written behind it is hidden by it, if it is committed and all. */
  async #leaveOpen(): Promise<void> {
    const [open, after, ...others] = this.#writers;
    if (open === undefined || after === undefined) return;
    await open.writer.add(openAtTheEnd);
    await open.writer.write(openAtTheEnd, open.codec);
    await open.writer.appended();
    await after.writer.add(allPartitions);
    await after.writer.write(allPartitions, after.codec);
    await after.writer.end(true);
    const plain = others[TRANSACTIONAL - 2];
    await plain?.writer.write(openAtTheEnd, 'none');
    await plain?.writer.appended();
    this.#budget.markers += allPartitions.length;
    this.#transactions++;
  }
}
