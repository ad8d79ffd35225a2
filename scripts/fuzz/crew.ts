import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Chunk, ChunkOutcome, Found, Level } from './chunk.ts';

/** What came of many frames. */
export interface Outcome {
  readonly found: readonly Found[];
  readonly counts: ReadonlyMap<string, number>;
  /** Frames or lives. */
  readonly played: number;
  /** The longest that one has taken, ms. */
  readonly slowest: number;
  /** The most memory that a process has had, bytes. */
  readonly rss: number;
}

export interface Order {
  readonly level: Level;
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  readonly jobs: number;
  /** Called after each chunk with what came of all so far. */
  readonly progress?: (outcome: Outcome) => void;
  /** A process that stays at one frame for so long hangs, ms. */
  readonly patience?: number;
  /** What plays them in its process: runner.ts. */
  readonly runner?: URL;
}

/** From the runner: one or the other. */
interface Message {
  readonly outcome?: ChunkOutcome & { readonly rss: number };
  readonly uncaught?: { readonly number: number; readonly message: string };
}

const CHUNK: Readonly<Record<Level, number>> = { decode: 1_000, consume: 20 };
/** The heap that what is good needs; who takes more dies, and is found. */
const execArgv: readonly string[] = ['--import', 'tsx', '--max-old-space-size=512', '--max-semi-space-size=16'];
const LOOKS = 500;
/** More than that many of anything are not looked for. */
const ENOUGH = 20;

/** Plays them in processes of their own: one that dies or hangs at a frame is found, and another goes on behind it. */
export async function play(order: Order): Promise<Outcome> {
  const { level, seed, from, count } = order;
  const waiting = Array.from({ length: Math.ceil(count / CHUNK[level]) }, (_, index): Chunk => {
    const first = index * CHUNK[level];
    return { level, seed, from: from + first, count: Math.min(CHUNK[level], count - first) };
  });
  const all = new Sum();
  const folder = mkdtempSync(join(tmpdir(), 'kafka-rx-fuzz-'));
  try {
    await Promise.all(
      Array.from({ length: Math.max(1, Math.min(order.jobs, waiting.length)) }, (_, index) =>
        work(order, waiting, all, join(folder, `${index}`)),
      ),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
  return all.outcome;
}

class Sum {
  private readonly counts = new Map<string, number>();
  private readonly found: Found[] = [];
  private played = 0;
  private slowest = 0;
  private rss = 0;

  get outcome(): Outcome {
    const { counts, found, played, slowest, rss } = this;
    return { counts, found, played, slowest, rss };
  }

  get isEnough(): boolean {
    return this.found.length >= ENOUGH;
  }

  add({ counts, found, slowest, rss }: ChunkOutcome & { readonly rss: number }, played: number): void {
    for (const [what, times] of counts) this.counts.set(what, (this.counts.get(what) ?? 0) + times);
    this.found.push(...found);
    this.played += played;
    this.slowest = Math.max(this.slowest, slowest);
    this.rss = Math.max(this.rss, rss);
  }

  tell(found: Found): void {
    this.found.push(found);
    this.played++;
  }
}

/** One process after another, until nothing waits. */
async function work(order: Order, waiting: Chunk[], all: Sum, marker: string): Promise<void> {
  while (waiting.length > 0 && !all.isEnough) await shift(order, waiting, all, marker);
}

/** One process: until nothing waits, or it dies. */
function shift(order: Order, waiting: Chunk[], all: Sum, marker: string): Promise<void> {
  return new Promise((resolve) => {
    const descriptor = openSync(marker, 'w+');
    const runner: ChildProcess = fork(order.runner ?? new URL('./runner.ts', import.meta.url), {
      execArgv: [...execArgv],
      stdio: ['ignore', 'ignore', 'ignore', descriptor, 'ipc'],
    });
    let chunk: Chunk | undefined;
    let hangs = false;
    const watch = watchMarker(descriptor, order.patience ?? 60_000, () => {
      hangs = true;
      runner.kill('SIGKILL');
    });
    const next = (): void => {
      chunk = all.isEnough ? undefined : waiting.shift();
      if (chunk === undefined) runner.kill();
      else runner.send(chunk);
    };
    runner.on('message', ({ outcome, uncaught }: Message) => {
      if (uncaught !== undefined) all.tell({ ...order, number: uncaught.number, message: `nobody catches ${uncaught.message}` });
      if (outcome === undefined) return;
      all.add(outcome, chunk?.count ?? 0);
      order.progress?.(all.outcome);
      next();
    });
    runner.on('exit', (code, signal) => {
      watch.stop();
      if (chunk !== undefined) {
        const number = numberIn(descriptor) ?? chunk.from;
        all.tell({ ...order, number, message: hangs ? 'it hangs' : `the process ended with ${code ?? signal}` });
        const end = chunk.from + chunk.count;
        if (number + 1 < end) waiting.unshift({ ...chunk, from: number + 1, count: end - number - 1 });
      }
      closeSync(descriptor);
      resolve();
    });
    next();
  });
}

/** Calls `stuck` when the same number stands there for too long. */
function watchMarker(descriptor: number, patience: number, stuck: () => void): { stop(): void } {
  let seen: number | undefined;
  let since = performance.now();
  const look = setInterval(() => {
    const number = numberIn(descriptor);
    const now = performance.now();
    if (number !== seen || number === undefined) since = now; // it is still starting
    seen = number;
    if (now - since > patience) stuck();
  }, LOOKS);
  return { stop: () => clearInterval(look) };
}

function numberIn(descriptor: number): number | undefined {
  const bytes = Buffer.alloc(8);
  return readSync(descriptor, bytes, 0, 8, 0) === 8 ? bytes.readDoubleBE() : undefined;
}
