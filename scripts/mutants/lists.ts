import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Two lists: `killers.txt`, written by `npm run mutants -- --record`, says which marble kills which mutant; `anyOrder.txt`, written by hand, says
 * of which neighbours the order does not matter, and why. In both, two lines make an entry: the mutant, and below it, indented, the marble or the reason.
 */
export type List = ReadonlyMap<string, string>;

export const killers: string = join(import.meta.dirname, 'killers.txt');
export const anyOrder: string = join(import.meta.dirname, 'anyOrder.txt');

export function readList(path: string): List {
  if (!existsSync(path)) return new Map();
  const list = new Map<string, string>();
  let mutant: string | undefined;
  for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    if (!line.startsWith('  ')) mutant = line;
    else if (mutant === undefined) throw new SyntaxError(`${path}:${String(index + 1)}: nothing stands above this line`);
    else list.set(mutant, list.has(mutant) ? `${list.get(mutant) ?? ''} ${line.trim()}` : line.trim());
  }
  return list;
}

export function writeList(path: string, head: string, list: List): void {
  const entries = [...list].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([mutant, words]) => `${mutant}\n  ${words}\n`);
  writeFileSync(path, `# ${head}\n\n${entries.join('')}`);
}
