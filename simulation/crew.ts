import { fork, type ChildProcess } from 'node:child_process';
import process from 'node:process';
import { CHUNK } from './lives/evidence.ts';
import { playRange, type RangeOutcome } from './lives/range.ts';

/** Plays these chunks of 20 seeds (by the first of each; `end`: not from there on) in so many processes. `told`: after each. */
export async function playAll(froms: readonly number[], end: number, jobs: number, told: (outcome: RangeOutcome) => void): Promise<void> {
  const waiting = froms.map((from) => ({ from, count: Math.min(CHUNK, end - from) }));
  if (jobs <= 1) {
    for (const { from, count } of waiting) {
      told(playRange(from, count));
      await new Promise((resolve) => setImmediate(resolve));
    }
    return;
  }
  await Promise.all(Array.from({ length: Math.min(jobs, waiting.length) }, () => work(waiting, told)));
}

function work(waiting: { readonly from: number; readonly count: number }[], told: (outcome: RangeOutcome) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker: ChildProcess = fork(new URL('./worker.ts', import.meta.url), { execArgv: process.execArgv });
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
