import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RangeOutcome } from './range.ts';

/** So many seeds have one hash in the evidence: that many at least are played to check it. */
export const CHUNK = 20;

/** What a long run leaves: which lives were played, and a hash of what happened in them. */
export interface Evidence {
  readonly from: number;
  readonly count: number;
  /** Of `chunks`. */
  readonly hash: string;
  /** One for each 20 seeds, in their order. */
  readonly chunks: readonly string[];
}

/** Where it is kept. */
export const evidenceFile: string = fileURLToPath(new URL('../evidence.json', import.meta.url));

export function evidenceOf(from: number, outcomes: readonly RangeOutcome[]): Evidence {
  const sorted = [...outcomes].sort((a, b) => a.from - b.from);
  const chunks = sorted.map(({ hash }) => hash);
  return { from, count: sorted.reduce((sum, { count }) => sum + count, 0), hash: hashOf(chunks), chunks };
}

/** undefined: there is none. */
export function readEvidence(file: string = evidenceFile): Evidence | undefined {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8')) as Evidence;
}

export function writeEvidence(evidence: Evidence, file: string = evidenceFile): void {
  writeFileSync(file, `${JSON.stringify(evidence, null, 2)}\n`);
}

/** Some chunks of it, spread evenly: that many seeds. Which ones depends on `start`. */
export function sample(
  { from, chunks }: Evidence,
  seeds: number,
  start: number,
): readonly { readonly from: number; readonly hash: string }[] {
  const count = Math.min(chunks.length, Math.ceil(seeds / CHUNK));
  return Array.from({ length: count }, (_, index) => {
    const at = (start + Math.floor((index * chunks.length) / count)) % chunks.length;
    return { from: from + at * CHUNK, hash: chunks[at] ?? '' };
  });
}

/** What is wrong with it, now that some of its chunks were played again, and what to do about it; undefined: nothing. */
export function complaintOf(evidence: Evidence, chunks: ReturnType<typeof sample>, outcomes: readonly RangeOutcome[]): string | undefined {
  const { from, count } = evidence;
  const again = `If that is meant: npm run simulate -- --from ${String(from)} --seeds ${String(count)} --write`;
  if (!isWhole(evidence)) return `simulation/evidence.json is not whole: its hash is not that of its chunks.\n${again}`;
  const others = chunks.filter((chunk) => outcomes.find((outcome) => outcome.from === chunk.from)?.hash !== chunk.hash);
  if (others.length === 0) return undefined;
  const seeds = others.map((chunk) => `${String(chunk.from)} to ${String(Math.min(chunk.from + CHUNK, from + count) - 1)}`);
  return `the lives of seeds ${seeds.join(', ')} went otherwise than in simulation/evidence.json.\n${again}`;
}

/** Whether it is whole: nobody changed a hash by hand. */
function isWhole({ count, hash, chunks }: Evidence): boolean {
  return hash === hashOf(chunks) && chunks.length === Math.ceil(count / CHUNK);
}

function hashOf(chunks: readonly string[]): string {
  return createHash('sha256').update(chunks.join('\n')).digest('hex');
}
