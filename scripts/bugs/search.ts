import { rmSync } from 'node:fs';
import type { Bug } from './bug.ts';
import { Player } from './lives.ts';
import { runMarbles } from './marbles.ts';
import type { Found, Seeds } from './seeds.ts';
import { Trees } from './trees.ts';

/** So many lives have to be enough to notice a bug. */
const SEEDS = 300;

/** What was found, and what is not as it should be. */
export interface Verdict {
  readonly seeds: Seeds;
  readonly complaints: readonly string[];
}

/** Puts each of these in, runs its marble (all, where none is to notice it), and plays lives until one notices. `tell`: what it is at. */
export async function tryAll(bugs: readonly Bug[], tell: (words: string) => void): Promise<Verdict> {
  const trees = new Trees();
  const clean = new Player();
  const seeds = new Map<string, Found>();
  try {
    tell('the marbles as they are');
    const { failed } = await runMarbles({ folder: trees.clean });
    const complaints = failed.map((marble) => `${marble}\n    fails without a bug: it is no evidence of anything`);
    for (const bug of bugs) {
      tell(bug.name);
      const tree = trees.grow(bug);
      const found = await search(tree, trees.clean, clean);
      if (found === undefined) complaints.push(`${bug.name}\n    survives ${String(SEEDS)} lives`);
      else seeds.set(bug.name, found);
      complaints.push(...(await marbleOf(bug, tree, failed)));
      rmSync(tree, { recursive: true });
    }
    return { seeds, complaints };
  } finally {
    clean.stop();
    trees.remove();
  }
}

/** The first life that does not go well with the bug, and does without. */
async function search(tree: string, clean: string, cleanPlayer: Player): Promise<Found | undefined> {
  const player = new Player();
  try {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { invariant } = await player.play({ tree, seed });
      if (invariant === undefined) continue;
      const without = await cleanPlayer.play({ tree: clean, seed });
      if (without.invariant === undefined) return { seed, invariant };
    }
    return undefined;
  } finally {
    player.stop();
  }
}

async function marbleOf({ name, marble }: Bug, folder: string, not: readonly string[]): Promise<readonly string[]> {
  if (marble === 'none') {
    const { failed } = await runMarbles({ folder, not });
    return failed.map((other) => `${name}\n    no marble is said to notice it, but one does: ${other}`);
  }
  const [file = ''] = marble.split(' > ', 1);
  const alone = await runMarbles({ folder, not, files: [file], only: [marble] });
  if (alone.failed.includes(marble)) return [];
  const { failed } = await runMarbles({ folder, not });
  const others = failed.length === 0 ? 'no marble does' : `these do: ${failed.join(', ')}`;
  return [`${name}\n    is not noticed by ${marble}, but ${others}`];
}
