import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { planVariable, type Entry, type Plan } from './plan.ts';
import { root } from './trees.ts';

/** What marbles to run: those below `folder`. */
export interface Marbles {
  readonly folder: string;
  /** Names or beginnings of files; none: all. */
  readonly files?: readonly string[];
  /** Only these, by path below `folder` and name. */
  readonly only?: readonly string[];
  /** Not these: they fail without a bug. */
  readonly not?: readonly string[];
  /** The first failure is enough. */
  readonly bail?: boolean;
}

/** Which failed, and how many passed. */
export interface MarbleOutcome {
  readonly failed: readonly string[];
  readonly passed: readonly string[];
}

/** Runs marbles in a process of their own. One that never ends is a failure, and the end of the run. */
export async function runMarbles({ folder, files = [], only, not = [], bail = false }: Marbles): Promise<MarbleOutcome> {
  const own = mkdtempSync(join(tmpdir(), 'kafka-rx-bugs-run-'));
  try {
    const plan: Plan = { ...(only && { only }), not, journal: join(own, 'journal') };
    writeFileSync(plan.journal, '');
    writeFileSync(join(own, 'plan'), JSON.stringify(plan));
    const options = ['--config', join(root, 'scripts/bugs/vitest.config.ts'), '--root', folder, ...(bail ? ['--bail', '1'] : [])];
    const said = await vitest([...options, ...files], join(own, 'plan'), folder);
    const lines = readFileSync(plan.journal, 'utf8').split('\n').slice(0, -1);
    if (lines.length === 0) throw new Error(`no marble could be run: ${said.slice(-3_000)}`);
    return outcome(lines.map((line) => JSON.parse(line) as Entry));
  } finally {
    rmSync(own, { recursive: true });
  }
}

function vitest(options: readonly string[], plan: string, cwd: string): Promise<string> {
  const child = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...options], {
    cwd,
    env: { ...process.env, [planVariable]: plan, CI: 'true', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  return new Promise((resolve) => {
    child.on('close', () => {
      resolve(said);
    });
  });
}

function outcome(entries: readonly Entry[]): MarbleOutcome {
  const passed = entries.filter(({ kind }) => kind === 'passes').map(({ marble }) => marble);
  const failed = entries.filter(({ kind }) => kind === 'fails').map(({ marble }) => marble);
  const last = entries.at(-1);
  return { passed, failed: last?.kind === 'begins' ? [...failed, last.marble] : failed };
}
