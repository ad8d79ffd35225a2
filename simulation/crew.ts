import { fork, type ChildProcess } from 'node:child_process';
import { CHUNK } from './lives/evidence.ts';
import type { RangeOutcome } from './lives/range.ts';

/** Most of what a life makes is garbage soon after it was made: with more room for the young a third less of the time goes to collecting it. */
const execArgv: readonly string[] = ['--import', 'tsx', '--max-semi-space-size=32'];

/** Plays these chunks of 20 seeds (by the first of each; `end`: not from there on) in so many processes. `told`: after each. */
export async function playAll(froms: readonly number[], end: number, jobs: number, told: (outcome: RangeOutcome) => void): Promise<void> {
  const waiting = froms.map((from) => ({ from, count: Math.min(CHUNK, end - from) }));
  await Promise.all(Array.from({ length: Math.max(1, Math.min(jobs, waiting.length)) }, () => work(waiting, told)));
}

function work(waiting: { readonly from: number; readonly count: number }[], told: (outcome: RangeOutcome) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker: ChildProcess = fork(new URL('./worker.ts', import.meta.url), { execArgv: [...execArgv] });
    const next = (): void => {
      const chunk = waiting.shift();
      if (chunk === undefined) worker.kill();
      else worker.send(chunk);
    };
    worker.on('message', (outcome: RangeOutcome) => {
      told(outcome);
      next();
    });
    worker.on('exit', (code, signal) => {
      if (code === 0 || signal === 'SIGTERM') resolve();
      else reject(new Error(`a worker ended with ${String(code ?? signal)}`));
    });
    next();
  });
}
