import { basename } from 'node:path';
import type { Bug } from './bug.ts';
import { Player } from './lives.ts';
import { runMarbles } from './marbles.ts';
import type { Verdict } from './search.ts';
import type { Found, Seeds } from './seeds.ts';
import { Trees } from './trees.ts';

/** Only what is known: of each bug its marble, if it has one, and its seed, with the bug and without. */
export async function tryKnown(bugs: readonly Bug[], known: Seeds): Promise<Verdict> {
  const trees = new Trees();
  try {
    const grown = bugs.map((bug) => ({ bug, tree: trees.grow(bug) }));
    const [marbles, lives] = await Promise.all([runKnown(bugs, trees), playKnown(grown, known, trees.clean)]);
    return { seeds: lives.seeds, complaints: [...marbles, ...lives.complaints] };
  } finally {
    trees.remove();
  }
}

async function runKnown(bugs: readonly Bug[], trees: Trees): Promise<readonly string[]> {
  const wanted = bugs.filter(({ marble }) => marble !== 'none');
  if (wanted.length === 0) return [];
  const clean = basename(trees.clean);
  const only = wanted.flatMap(({ name, marble }) => [`${name}/${marble}`, `${clean}/${marble}`]);
  const files = only.map((marble) => marble.split(' > ', 1)[0] ?? '');
  const { failed, passed } = await runMarbles({ folder: trees.folder, files: [...new Set(files)], only });
  return wanted.flatMap(({ name, marble }) => [
    ...(failed.includes(`${name}/${marble}`) ? [] : [`${name}\n    is not noticed by ${marble}`]),
    ...(passed.includes(`${clean}/${marble}`) ? [] : [`${marble}\n    does not pass without a bug: it is no evidence of anything`]),
  ]);
}

async function playKnown(grown: readonly { readonly bug: Bug; readonly tree: string }[], known: Seeds, clean: string): Promise<Verdict> {
  const player = new Player();
  const seeds = new Map<string, Found>();
  const complaints: string[] = [];
  for (const { bug, tree } of grown) {
    const { seed = 0, invariant: expected = '' } = known.get(bug.name) ?? {};
    const { invariant } = await player.play({ tree, seed });
    const without = await player.play({ tree: clean, seed });
    if (invariant === undefined) complaints.push(`${bug.name}\n    is not noticed in life ${String(seed)}: npm run bugs -- --record`);
    else if (without.invariant !== undefined)
      complaints.push(`life ${String(seed)}\n    does not go well without a bug: ${without.invariant}`);
    else if (invariant !== expected)
      complaints.push(`${bug.name}\n    is noticed in life ${String(seed)} by ${invariant}, not by ${expected}`);
    else seeds.set(bug.name, { seed, invariant });
  }
  player.stop();
  return { seeds, complaints };
}
