/**
 * Puts the failures of the museum (test/museum/catalogue.json) back into this consumer, each into a private copy of the tree, and runs the test of
 * its exhibit there. Fails where one survives.
 *
 *   npm run museum                              all
 *   npm run museum -- --exhibit zio-buffered-…  that one; several may be given
 *   npm run museum -- --record                  writes down in scripts/museum/killed.json which were noticed: `npm test` compares
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { withMutants } from '../test/museum/catalogue.ts';
import { hunt } from './museum/hunt.ts';
import { printOf, readKilled, writeKilled } from './museum/killed.ts';

const { values: options } = parseArgs({ options: { exhibit: { type: 'string', multiple: true }, record: { type: 'boolean' } } });

const all = withMutants();
const chosen = all.filter(({ id }) => options.exhibit?.includes(id) ?? true);
const { killed, complaints } = await hunt(chosen);
if (options.record === true) {
  const known = Object.entries(readKilled()).filter(([id]) => all.some((one) => one.id === id) && !chosen.some((one) => one.id === id));
  writeKilled({ ...Object.fromEntries(known), ...Object.fromEntries(killed.map(({ id, mutant }) => [id, printOf(mutant)])) });
}
for (const { id, star, mutant } of killed) console.log(`${star || ' '} ${id}\n    is noticed: ${mutant.why}`);
for (const words of complaints) console.error(`\n${words}`);
console.log(`\n${String(chosen.length)} mutants, ${String(killed.length)} noticed, ${String(complaints.length)} complaints`);
process.exitCode = complaints.length === 0 && chosen.length > 0 ? 0 : 1;
