import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { planVariable, type Entry, type Plan } from './plan.ts';

/** What became of one mutant. */
export type Fate =
  | { readonly kind: 'killed'; readonly by: string; readonly why: 'fails' | 'never ends' }
  /** `tried`: so many marbles make its pipeline, and pass. */
  | { readonly kind: 'survived'; readonly tried: number };

export interface Outcome {
  /** By mutant. */
  readonly fates: ReadonlyMap<string, Fate>;
  /** Marbles that do not pass without a mutant, or not a second time, and why. */
  readonly broken: ReadonlyMap<string, string>;
}

/** Runs the marbles with each of these mutants, until it is dead or none is left. `files`: only these marbles. */
export async function tryOut(mutants: Plan['mutants'], files: readonly string[] = []): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'));
  try {
    const entries: Entry[] = [];
    for (;;) {
      const { broke, more } = await run(remaining(mutants, entries, join(folder, 'journal')), folder, files);
      entries.push(...more);
      if (!broke) return { fates: fates(mutants, entries), broken: broken(entries) };
      const last = more.at(-1);
      if (last?.kind !== 'trying') throw new Error('the marbles cannot be run: npx vitest run marbles');
      entries.push({ ...last, kind: 'killed', why: 'never ends' });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What is left to do after what has been done. */
function remaining(mutants: Plan['mutants'], entries: readonly Entry[], journal: string): Plan {
  const dead = new Set(entries.flatMap((entry) => (entry.kind === 'killed' ? [entry.mutant] : [])));
  return {
    mutants: mutants.filter(({ name }) => !dead.has(name)),
    through: entries.flatMap((entry) => (entry.kind === 'through' || entry.kind === 'broken' ? [entry.marble] : [])),
    tried: entries.flatMap((entry) => (entry.kind === 'survived' ? [[entry.marble, entry.mutant] as const] : [])),
    journal,
  };
}

async function run(
  plan: Plan,
  folder: string,
  files: readonly string[],
): Promise<{ readonly broke: boolean; readonly more: readonly Entry[] }> {
  const path = join(folder, 'plan');
  writeFileSync(path, JSON.stringify(plan));
  writeFileSync(plan.journal, '');
  const vitest = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', '--config', join(import.meta.dirname, 'vitest.config.ts'), ...files], {
    cwd: join(import.meta.dirname, '../..'),
    env: { ...process.env, [planVariable]: path, CI: 'true', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const lines = readFileSync(plan.journal, 'utf8').split('\n').slice(0, -1);
  const more = lines.map((line) => JSON.parse(line) as Entry);
  if (code !== 0 && more.at(-1)?.kind !== 'trying') process.stderr.write(said.slice(-5_000));
  return { broke: code !== 0, more };
}

function fates(mutants: Plan['mutants'], entries: readonly Entry[]): ReadonlyMap<string, Fate> {
  const found = new Map<string, Fate>(mutants.map(({ name }) => [name, { kind: 'survived', tried: 0 }]));
  for (const entry of entries) {
    if (entry.kind !== 'killed' && entry.kind !== 'survived') continue;
    const { mutant, marble } = entry;
    const before = found.get(mutant);
    if (entry.kind === 'killed') found.set(mutant, { kind: 'killed', by: marble, why: entry.why });
    else if (before?.kind === 'survived') found.set(mutant, { kind: 'survived', tried: before.tried + 1 });
  }
  return found;
}

function broken(entries: readonly Entry[]): ReadonlyMap<string, string> {
  return new Map(entries.flatMap((entry) => (entry.kind === 'broken' ? [[entry.marble, entry.why] as const] : [])));
}
