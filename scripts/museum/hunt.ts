import { basename } from 'node:path';
import type { Bug } from '../bugs/bug.ts';
import { runMarbles } from '../bugs/marbles.ts';
import { Trees } from '../bugs/trees.ts';
import type { withMutants } from '../../test/museum/catalogue.ts';

type Mutated = ReturnType<typeof withMutants>[number];

/** A test in a tree, by path, and whether it passes there. */
type Outcomes = Map<string, boolean>;

/** What became of them. A mutant is noticed if its test fails with it, and passes without. */
export interface Hunted {
  readonly killed: readonly Mutated[];
  readonly complaints: readonly string[];
}

/** Puts each mutant into a copy of the tree, and runs the test of its exhibit there. */
export async function hunt(all: readonly Mutated[]): Promise<Hunted> {
  const trees = new Trees('test/museum');
  try {
    const clean = basename(trees.clean);
    const misfits = all.flatMap((exhibit) => misfit(trees, exhibit));
    const exhibits = all.filter((exhibit) => !misfits.some(({ of }) => of === exhibit));
    const outcomes = await runAll(
      trees.folder,
      exhibits.flatMap(({ id, test }) => [`${id}/${test}`, `${clean}/${test}`]),
    );
    const passes = (tree: string, test: string): boolean | undefined => outcomes.get(`${tree}/${test}`);
    const complaints = exhibits.flatMap(({ id, test, mutant }) => [
      ...(passes(clean, test) === true ? [] : [`${test}\n    does not pass without a mutant: it is no evidence of anything`]),
      ...(passes(id, test) === false ? [] : [`${id}\n    its mutant survives: ${mutant.why}`]),
    ]);
    return {
      complaints: [...misfits.map(({ why }) => why), ...complaints],
      killed: exhibits.filter(({ id, test }) => passes(id, test) === false && passes(clean, test) === true),
    };
  } finally {
    trees.remove();
  }
}

/** Puts it in; what keeps it from being put in, if anything does. */
function misfit(trees: Trees, of: Mutated): readonly { readonly of: Mutated; readonly why: string }[] {
  try {
    trees.grow(bugOf(of));
    return [];
  } catch (error) {
    return [{ of, why: String(error) }];
  }
}

function bugOf({ id, mutant: { file, find, replace, why }, test }: Mutated): Bug {
  return { name: id, what: why, file, replace: [[find, replace]], marble: test };
}

/** One that never ends is the end of its run: the others are run once more. */
async function runAll(folder: string, files: readonly string[]): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  for (let left = files; left.length > 0; left = left.filter((file) => !outcomes.has(file))) {
    const { failed, passed } = await runMarbles({ folder, files: left });
    const before = outcomes.size;
    for (const name of passed) note(outcomes, name, true);
    for (const name of failed) note(outcomes, name, false);
    if (outcomes.size === before) return outcomes;
  }
  return outcomes;
}

/** A file passes if all of its tests do. */
function note(outcomes: Outcomes, name: string, passes: boolean): void {
  const [file = ''] = name.split(' > ', 1);
  outcomes.set(file, passes && outcomes.get(file) !== false);
}
