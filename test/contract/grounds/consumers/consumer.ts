import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { once } from 'node:events';
import { killed, startChild } from '../../../support/child.ts';

/** A consumer that runs until it is stopped, and answers messages with how things stand. */
export interface Consumer<L> {
  answer(message: string): L;
  stop(): void;
}

/** A consumer that somebody asks from elsewhere. */
export interface Remote<L> {
  ask(message: string): Promise<L>;
  /** Kills it where it is a process. */
  end(): Promise<void>;
}

/** One in a process of its own, which does `serve`. */
export function inChild<L>(file: string, args: readonly string[], flags?: readonly string[]): Remote<L> {
  const child = startChild(file, args, flags);
  return {
    ask: async (message) => {
      const answer = once(child, 'message');
      child.send(message);
      const [look] = (await answer) as [L];
      return look;
    },
    end: () => killed(child),
  };
}

/** One in this process. */
export function inHere<L>(consumer: Consumer<L>): Remote<L> {
  return {
    // A question to another process would not be answered at once either.
    ask: async (message) => {
      await pause(1);
      return consumer.answer(message);
    },
    end: () => {
      consumer.stop();
      return Promise.resolve();
    },
  };
}

/** The other end of `inChild`. */
export function serve<L>({ answer }: Consumer<L>): void {
  process.on('message', (message: string) => process.send?.(answer(message)));
}
