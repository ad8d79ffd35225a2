/**
 * Puts old bugs back, each into a private copy of the tree, and shows who notices: a marble, and a random life. Prints bug, marble, seed and the
 * invariant that does not hold; fails where one survives.
 *
 *   npm run bugs                       all
 *   npm run bugs -- --bug retryCount   that one; several may be given
 *   npm run bugs -- --known            each against its marble and the seed that scripts/bugs/seeds.json names, and no other
 *   npm run bugs -- --record           writes that list anew, and docs/bugs.md
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { bugs } from './bugs/list.ts';
import { tryKnown } from './bugs/known.ts';
import { readSeeds, writeSeeds } from './bugs/seeds.ts';
import { table, writePage } from './bugs/page.ts';
import { tryAll } from './bugs/search.ts';

const { values: options } = parseArgs({
  options: { bug: { type: 'string', multiple: true }, known: { type: 'boolean' }, record: { type: 'boolean' } },
});

const chosen = bugs.filter(({ name }) => options.bug?.includes(name) ?? true);
const known = readSeeds();
const { seeds, complaints } = options.known === true ? await tryKnown(chosen, known) : await tryAll(chosen, (words) => console.log(words));
if (options.record === true) {
  const all = new Map([...known, ...seeds].filter(([name]) => bugs.some((bug) => bug.name === name)));
  writeSeeds(all);
  await writePage(bugs, all);
}
console.log(table(chosen, seeds));
for (const words of complaints) console.error(`\n${words}`);
console.log(`\n${String(chosen.length)} bugs, ${String(complaints.length)} complaints`);
process.exitCode = complaints.length === 0 && chosen.length > 0 ? 0 : 1;
