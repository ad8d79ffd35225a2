/**
 * Changes the pipelines of src/ and operators/ one operator at a time, and looks which marble notices. Prints mutant and marble; fails where one
 * survives.
 *
 *   npm run mutants                                   all
 *   npm run mutants -- --file src/fetch/fetchLoop.ts  those of one file, or of all files whose path begins so
 *   npm run mutants -- --shard 2/4                    every fourth
 *   npm run mutants -- --known                        each against the marble that scripts/mutants/killers.txt names, and no other
 *   npm run mutants -- --record                       writes that list anew
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { anyOrder, killers, readList, writeList, type List } from './mutants/lists.ts';
import { mutantsOf, type Mutant } from './mutants/mutant.ts';
import { pipelinesOf } from './mutants/pipelines.ts';
import { tryOut, type Fate, type Outcome } from './mutants/trials.ts';

const root = join(import.meta.dirname, '..');

const { values: options } = parseArgs({
  options: { file: { type: 'string' }, shard: { type: 'string' }, known: { type: 'boolean' }, record: { type: 'boolean' } },
});

function allMutants(): readonly Mutant[] {
  const files = ['src', 'operators'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  return files
    .filter((file) => file.endsWith('.ts') && !file.startsWith('src/testing/'))
    .toSorted()
    .flatMap((file) => pipelinesOf(file, readFileSync(join(root, file), 'utf8')))
    .flatMap(mutantsOf);
}

/** Those that the options speak of. */
function chosen(all: readonly Mutant[]): readonly Mutant[] {
  const { file = '', shard = '1/1' } = options;
  const [which = 1, of = 1] = shard.split('/').map(Number);
  return all.filter((mutant) => mutant.file.startsWith(relative(root, join(root, file)))).filter((_, index) => index % of === which - 1);
}

/** First against the marble that killed it the last time, then against all. */
async function judge(mutants: readonly Mutant[], known: List): Promise<Outcome> {
  const withMarble = mutants.filter(({ name }) => known.has(name)).map((mutant) => ({ ...mutant, marble: known.get(mutant.name) ?? '' }));
  const files = [...new Set(withMarble.map(({ marble }) => marble.split(' > ', 1)[0] ?? ''))];
  const first = withMarble.length === 0 ? nothing : await tryOut(withMarble, files);
  const left = mutants.filter(({ name }) => first.fates.get(name)?.kind !== 'killed');
  const rest = options.known === true || left.length === 0 ? nothing : await tryOut(left);
  return { fates: new Map([...first.fates, ...rest.fates]), broken: new Map([...first.broken, ...rest.broken]) };
}

const nothing: Outcome = { fates: new Map(), broken: new Map() };

function report(mutants: readonly Mutant[], fates: ReadonlyMap<string, Fate>, listed: List): readonly string[] {
  const wrong: string[] = [];
  for (const { name, file, line } of mutants) {
    const fate = fates.get(name);
    const reason = listed.get(name);
    const place = `${name}  (${file}:${String(line)})`;
    if (fate?.kind === 'killed') {
      console.log(`${name}\n    ${fate.by}${fate.why === 'never ends' ? ' (never ends)' : ''}`);
      if (reason !== undefined) wrong.push(`${place}\n    the list says that the order does not matter, but a marble knows: ${fate.by}`);
    } else if (reason !== undefined) console.log(`${name}\n    any order: ${reason}`);
    else if (options.known === true) wrong.push(`${place}\n    is not killed by the marble on the list, or not on it`);
    else wrong.push(`${place}\n    ${fate?.tried === 0 ? 'no marble makes this pipeline' : `survives ${String(fate?.tried)} marbles`}`);
  }
  return wrong;
}

/** What the lists speak of and is not there. */
function gone(all: readonly Mutant[], lists: readonly (readonly [string, List])[]): readonly string[] {
  const names = new Set(all.map(({ name }) => name));
  return lists.flatMap(([path, list]) =>
    [...list.keys()]
      .filter((name) => !names.has(name))
      .map((name) => `${name}\n    is on the list ${relative(root, path)}, and there is no such mutant`),
  );
}

const all = allMutants();
const mutants = chosen(all);
const known = readList(killers);
const listed = readList(anyOrder);
const { fates, broken } = await judge(mutants, known);
const wrong = [
  ...[...broken].map(
    ([marble, why]) => `${marble}\n    does not pass without a mutant, or not a second time: ${why.split('\n', 1)[0] ?? ''}`,
  ),
  ...report(mutants, fates, listed),
  ...gone(
    all,
    options.record === true
      ? [[anyOrder, listed]]
      : [
          [killers, known],
          [anyOrder, listed],
        ],
  ),
];
if (options.record === true) {
  const found = mutants.flatMap(({ name }) => {
    const fate = fates.get(name);
    return fate?.kind === 'killed' ? [[name, fate.by] as const] : [];
  });
  const judged = new Set(mutants.map(({ name }) => name));
  const kept = [...known].filter(([name]) => !judged.has(name) && all.some((mutant) => mutant.name === name));
  writeList(killers, 'Which marble kills which mutant: written by `npm run mutants -- --record`.', new Map([...kept, ...found]));
}
for (const words of wrong) console.error(`\n${words}`);
console.log(`\n${String(mutants.length)} mutants, ${String(wrong.length)} complaints`);
process.exitCode = wrong.length === 0 ? 0 : 1;
