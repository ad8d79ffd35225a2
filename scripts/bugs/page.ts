import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { Bug } from './bug.ts';
import type { Seeds } from './seeds.ts';
import { root } from './trees.ts';

export const pagePath: string = join(root, 'docs/bugs.md');

/** For the terminal: three lines for each bug. */
export function table(bugs: readonly Bug[], seeds: Seeds): string {
  return bugs
    .map(({ name, what, marble }) => {
      const found = seeds.get(name);
      const life = found === undefined ? 'no seed' : `seed ${String(found.seed)}: ${found.invariant}`;
      return `${name}: ${what}\n    ${marble === 'none' ? 'no marble' : marble}\n    ${life}`;
    })
    .join('\n');
}

/** The same for the docs. */
export async function page(bugs: readonly Bug[], seeds: Seeds): Promise<string> {
  const rows = bugs.map(({ name, what, file, marble }) => {
    const found = seeds.get(name);
    const life = found === undefined ? '' : `${String(found.seed)}, ${found.invariant}`;
    return `| \`${name}\` | ${cell(what)} | \`${file}\` | ${marble === 'none' ? '**none**' : cell(marble.replace('marbles/', ''))} | ${life} |`;
  });
  const lines = [
    '# Old bugs, put back',
    '',
    'Consumers have had these, or nearly had them. `npm run bugs` puts each into a copy of the tree and shows that it is noticed: by a marble, and by',
    'a random life (`npm run simulate`), of which the first seed and the invariant that does not hold are told. Those that no marble notices say what',
    'random lives are for. `npm run bugs -- --record` writes this page.',
    '',
    '| bug | what it is | in | marble | seed, invariant |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ];
  return format(lines.join('\n'), { ...(await resolveConfig(pagePath)), parser: 'markdown' });
}

function cell(words: string): string {
  return words.replaceAll('|', '\\|');
}

export async function writePage(bugs: readonly Bug[], seeds: Seeds): Promise<void> {
  writeFileSync(pagePath, await page(bugs, seeds));
}
