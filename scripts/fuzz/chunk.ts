import process from 'node:process';
import { corpusOf, type Template } from './corpus.ts';
import { decodingFrame } from './decoding.ts';
import { Finding } from './finding.ts';
import { liveOnce } from './life.ts';
import type { Meter } from './meter.ts';
import { readFrame } from './readFrame.ts';

/** `decode`: the decoder alone; `consume`: a whole consumer in virtual time, to whom several frames come. */
export type Level = 'decode' | 'consume';

/** Frames or lives one after another. */
export interface Chunk {
  readonly level: Level;
  readonly seed: number;
  readonly from: number;
  readonly count: number;
}

/** What was found, and how to see it again. */
export interface Found {
  readonly level: Level;
  readonly seed: number;
  readonly number: number;
  readonly message: string;
}

export interface ChunkOutcome {
  readonly found: readonly Found[];
  readonly counts: readonly (readonly [string, number])[];
  /** The longest that one has taken, ms. */
  readonly slowest: number;
}

/** Nothing takes longer, ms of the processor: what the machine does for others does not count. */
const LIMIT: Readonly<Record<Level, number>> = { decode: 1_000, consume: 5_000 };

const corpora = new Map<number, readonly Template[]>();

/** Plays one and counts what came of it. Throws what may not happen. */
export function playOne(
  level: Level,
  seed: number,
  number: number,
  meter?: Meter,
  log?: (line: string) => void,
): ReadonlyMap<string, number> {
  if (level === 'consume') return liveOnce(seed, number, log);
  const corpus = corpora.get(seed) ?? corpusOf(seed);
  corpora.set(seed, corpus);
  const frame = decodingFrame(corpus, seed, number);
  const { refused, ...counted } = readFrame(frame, meter);
  return new Map([
    ['damaged', frame.contained === undefined ? 1 : 0],
    ['as they should be', frame.contained === undefined ? 0 : 1],
    ['refused', refused ? 1 : 0],
    ...Object.entries(counted).map(([what, times]): [string, number] => [what, Number.isNaN(times) ? 0 : times]),
  ]);
}

/** `begins`: called before each. */
export function playChunk({ level, seed, from, count }: Chunk, meter: Meter | undefined, begins: (number: number) => void): ChunkOutcome {
  const found: Found[] = [];
  const counts = new Map<string, number>();
  let slowest = 0;
  for (let number = from; number < from + count; number++) {
    begins(number);
    const began = process.cpuUsage();
    try {
      for (const [what, times] of playOne(level, seed, number, meter)) counts.set(what, (counts.get(what) ?? 0) + times);
      const took = since(began);
      if (took > LIMIT[level]) throw new Finding(`it takes ${took.toFixed(0)} ms`);
      slowest = Math.max(slowest, took);
    } catch (error) {
      found.push({ level, seed, number, message: error instanceof Finding ? error.message : `it throws ${String(error)}` });
    }
  }
  return { found, counts: [...counts], slowest };
}

function since(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}
