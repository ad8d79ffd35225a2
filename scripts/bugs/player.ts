import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import type { generate } from '../../simulation/lives/generate.ts';
import type { play } from '../../simulation/lives/play.ts';
import type { Played, Request } from './lives.ts';

/** Plays the lives that it is told to, each in the tree that it is told, and says of each that it begins and how it went. */
process.on('message', ({ tree, seed }: Request) => {
  void lifeIn(tree, seed).then((invariant) => {
    const played: Played = { seed, invariant };
    process.send?.(played);
  });
});

async function lifeIn(tree: string, seed: number): Promise<string | undefined> {
  const part = (file: string): string => pathToFileURL(join(tree, 'simulation/lives', file)).href;
  const lives = (await import(part('generate.ts'))) as { readonly generate: typeof generate };
  const { play: playLife } = (await import(part('play.ts'))) as { readonly play: typeof play };
  Error.stackTraceLimit = 0;
  try {
    return playLife(lives.generate(seed)).violation?.invariant;
  } catch (error) {
    return `throws ${error instanceof Error ? error.message : String(error)}`;
  }
}
