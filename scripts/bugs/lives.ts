import { fork, type ChildProcess } from 'node:child_process';
import { root } from './trees.ts';

export interface Request {
  readonly tree: string;
  readonly seed: number;
}

/** How a life went. */
export interface Played {
  readonly seed: number;
  /** Which one did not hold; undefined: all hold. */
  readonly invariant: string | undefined;
}

/** A life that takes so long never ends, ms. */
const PATIENCE = 60_000;

/** Plays random lives in whatever tree. A life that never ends is ended, and counts as one that did not go well. */
export class Player {
  private child: ChildProcess | undefined;

  play(request: Request): Promise<Played> {
    const child = (this.child ??= fork(new URL('./player.ts', import.meta.url), { cwd: root, execArgv: ['--import', 'tsx'] }));
    return new Promise((resolve, reject) => {
      const settle = (played: Played): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        resolve(played);
      };
      const timer = setTimeout(() => {
        this.stop();
        settle({ seed: request.seed, invariant: 'never ends' });
      }, PATIENCE);
      child.once('message', settle);
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        this.child = undefined;
        settle({ seed: request.seed, invariant: `ends the process: ${String(code ?? signal)}` });
      });
      child.send(request);
    });
  }

  stop(): void {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }
}
