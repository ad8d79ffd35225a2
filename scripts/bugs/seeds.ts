import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The first life in which a bug is noticed, and the invariant that does not hold in it. */
export interface Found {
  readonly seed: number;
  readonly invariant: string;
}

/** By the names of the bugs. */
export type Seeds = ReadonlyMap<string, Found>;

const file = join(import.meta.dirname, 'seeds.json');

export function readSeeds(): Seeds {
  return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Found>));
}

export function writeSeeds(seeds: Seeds): void {
  const sorted = [...seeds].sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}
