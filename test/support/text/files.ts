import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inWords, parse } from './parse.ts';
import type { TextMarble } from './picture.ts';

const root = join(import.meta.dirname, '../../..');

/** Where the drawings of the text marbles are. */
export const drawings: string = join(root, 'docs/marbles');

/** The text marbles of this project, by their paths in it: `marbles/text/poll.txt`. */
export function textMarbles(): readonly string[] {
  const names = readdirSync(join(root, 'marbles'), { recursive: true }).map(String);
  return names
    .filter((name) => name.endsWith('.txt'))
    .toSorted()
    .map((name) => join('marbles', name));
}

/** Reads one. Throws with everything that is wrong with it. */
export function readTextMarble(path: string): TextMarble {
  const { marble, mistakes } = parse(readFileSync(join(root, path), 'utf8'));
  if (marble === undefined) throw new Error(`\n${inWords(path, mistakes)}`);
  return marble;
}

/** `marbles/text/poll.txt` is drawn in `poll.svg`. */
export function drawingOf(path: string): string {
  return `${basename(path, '.txt')}.svg`;
}
