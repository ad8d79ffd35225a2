import { Worker } from 'node:worker_threads';

/** A marble that takes so long with a mutant never ends: seconds. */
const patience = 20;

const words = `
  const { workerData } = require('node:worker_threads');
  const beat = new Int32Array(workerData.memory);
  let seen = 0, since = 0;
  setInterval(() => {
    const now = Atomics.load(beat, 0);
    if (now === 0 || now !== seen) { seen = now; since = 0; return; }
    if (++since >= workerData.patience) process.kill(process.pid, 'SIGKILL');
  }, 1000);
`;

/** Ends the process when what it watches does not end: a loop that never gives way can be stopped by nothing else. */
export class Watchdog {
  private readonly beat = new Int32Array(new SharedArrayBuffer(4));
  private turns = 0;

  constructor() {
    new Worker(words, { eval: true, workerData: { memory: this.beat.buffer, patience } }).unref();
  }

  watch(): void {
    Atomics.store(this.beat, 0, ++this.turns);
  }

  rest(): void {
    Atomics.store(this.beat, 0, 0);
  }
}
