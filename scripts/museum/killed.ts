import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from '../../test/museum/catalogue.ts';

/** Which mutants were noticed when `npm run museum -- --record` was run last: their prints, by the ids of their exhibits. */
export type Killed = Readonly<Record<string, string>>;

const file = join(import.meta.dirname, 'killed.json');

/** Another text is another mutant. */
export function printOf({ file: path, find, replace }: Mutant): string {
  return createHash('sha256')
    .update(JSON.stringify([path, find, replace]))
    .digest('hex')
    .slice(0, 16);
}

export function readKilled(): Killed {
  return JSON.parse(readFileSync(file, 'utf8')) as Killed;
}

export function writeKilled(killed: Killed): void {
  const sorted = Object.entries(killed).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}
