import { setTimeout as pause } from 'node:timers/promises';
import { committedOffsets } from '../../support/consume.ts';
import { uniqueTopic } from '../../support/kafka.ts';
import { faults, judged } from './judge.ts';
import type { Read, Written } from './log.ts';
import type { Reader } from './reader.ts';
import type { Stage } from './stage.ts';
import { write } from './writer.ts';

const replicas = [1, 2, 3];

/** One topic of several that have the same name one after the other. */
interface Life {
  readonly number: number;
  readonly partitions: number;
  readonly written: readonly Written[];
  /** The most that was committed for each of its partitions at any time since it was created. */
  readonly committed: readonly number[];
}

/** A name, and the topics that bear it one after the other. A value says in which life of the topic it was written. */
export class Lives {
  readonly topic: string = uniqueTopic('lives');
  readonly groupId: string = uniqueTopic('lives');
  readonly all: Life[] = [];
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get present(): Life {
    const life = this.all.at(-1);
    if (life === undefined) throw new Error('it has not lived yet');
    return life;
  }

  async begin(partitions: number): Promise<void> {
    const placement = Array.from({ length: partitions }, (_, index) => replicas.map((__, at) => ((index + at) % 3) + 1));
    await this.#stage.create(this.topic, placement);
    this.all.push({ number: this.all.length, partitions, written: [], committed: [] });
  }

  /** The group has read all that there is: what comes after that may be deleted unread. */
  async end(): Promise<void> {
    await this.#stage.remove(this.topic);
  }

  /** So many records to each partition, and watches what is committed until `done`. */
  async filled(count: number, done: () => Promise<void>): Promise<void> {
    const { number, partitions } = this.present;
    const written: Written[] = [];
    const committed: number[] = [];
    const watching = this.#watched(committed, done());
    for (let partition = 0; partition < partitions; partition++) {
      const values = Array.from({ length: count }, (_, index) => `life${number}-${partition}-${index}`);
      written.push(...(await write(this.#stage, this.topic, partition, values)));
      this.all[number] = { number, partitions, written: [...written], committed };
    }
    await watching;
  }

  async #watched(committed: number[], done: Promise<void>): Promise<void> {
    const watch = { over: false };
    const over = done.finally(() => (watch.over = true));
    over.catch(() => undefined);
    while (!watch.over) {
      const offsets = await committedOffsets(this.#stage, this.groupId, this.topic);
      for (const [partition, offset] of offsets.entries()) committed[partition] = Math.max(committed[partition] ?? -1, offset);
      await pause(50);
    }
    await over;
  }
}

function of({ number }: Life, read: readonly Read[]): readonly Read[] {
  return read.filter(({ value }) => value.startsWith(`life${number}-`));
}

/** Whether all of a life was read. */
export function isRead(life: Life, readers: readonly Reader[], count: number): boolean {
  const read = readers.flatMap((reader) => of(life, reader.read));
  return new Set(read.map(({ partition, offset }) => `${partition}@${offset}`)).size >= count * life.partitions;
}

/** What is to be said against those who read it, one after the other. */
export function lifeFaults(life: Life, readers: readonly Reader[]): readonly string[] {
  const verdict = judged(
    life.written,
    readers.flatMap((reader) => of(life, reader.read)),
  );
  const ends = Array.from({ length: life.partitions }, (_, partition) => life.written.filter((one) => one.partition === partition).length);
  const excess = life.committed.flatMap((offset, partition) =>
    offset > (ends[partition] ?? 0) ? [`${offset} was committed for partition ${partition}, which ends at ${ends[partition] ?? 0}`] : [],
  );
  return [...faults(verdict, Infinity), ...excess];
}
