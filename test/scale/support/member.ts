import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { killed, startChild } from '../../support/child.ts';
import { handledIn, type Handled, type Told } from './log.ts';
import type { Plan } from './plan.ts';

const script = join(import.meta.dirname, '../children/reader.ts');

function logOf({ path }: Plan): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** A process that reads. It is loaded before it begins, so that its loading disturbs nobody. */
export class Member {
  readonly name: string;
  readonly told: Told[] = [];
  readonly #plan: Plan;
  readonly #child: ChildProcess;
  readonly #loaded: Promise<unknown>;

  constructor(plan: Plan) {
    this.name = plan.member;
    this.#plan = plan;
    this.#child = startChild(script, [JSON.stringify(plan)]);
    this.#loaded = once(this.#child, 'message');
    this.#child.on('message', (message) => {
      if (message !== 'loaded') this.told.push(message as Told);
    });
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async loaded(): Promise<void> {
    await this.#loaded;
  }

  begin(): void {
    this.#child.send('go');
  }

  /** What it has handled so far. */
  handled(): readonly Handled[] {
    return handledIn(this.name, logOf(this.#plan));
  }

  /** Gracefully; resolves with the exit code, null if a signal ended it. */
  async stop(): Promise<number | null> {
    const gone = once(this.#child, 'exit');
    this.#child.send('stop');
    const [code] = (await gone) as [number | null];
    return code;
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name);
  }

  async kill(): Promise<void> {
    if (this.isAlive) await killed(this.#child);
  }
}
