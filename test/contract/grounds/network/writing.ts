import { setTimeout as pause } from 'node:timers/promises';
import { partitions } from './stage.ts';

/** Writes values to the partitions 0, 1, …, one to each. */
export type Write = (values: readonly string[]) => Promise<unknown>;

/** Writes a record to each partition every 20 ms, from the first. */
export class Writing {
  readonly count: number[] = Array.from({ length: partitions }, () => 0);
  readonly #write: Write;
  readonly #running: Promise<void>;
  #over = false;

  constructor(write: Write) {
    this.#write = write;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#over) {
      await this.#write(this.count.map((number, partition) => `${partition}:${number}:${'x'.repeat(300)}`));
      this.count.forEach((number, partition) => (this.count[partition] = number + 1));
      await pause(20);
    }
  }
}
