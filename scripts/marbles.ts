/**
 * Draws the text marbles of `marbles/` into `docs/marbles/`. With `--check` it only looks, and fails where a drawing is not up to date, is missing,
 * or belongs to no marble.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { draw } from '../test/support/text/draw.ts';
import { drawingOf, drawings, readTextMarble, textMarbles } from '../test/support/text/files.ts';

const check = process.argv.includes('--check');
const made = new Map(textMarbles().map((path) => [drawingOf(path), draw(readTextMarble(path))]));
mkdirSync(drawings, { recursive: true });
const left = readdirSync(drawings).filter((name) => name.endsWith('.svg') && !made.has(name));
const stale = [...made].filter(([name, svg]) => !existsSync(join(drawings, name)) || readFileSync(join(drawings, name), 'utf8') !== svg);

if (!check) {
  for (const name of left) rmSync(join(drawings, name));
  for (const [name, svg] of stale) writeFileSync(join(drawings, name), svg);
  console.log(`${String(made.size)} text marbles: ${String(stale.length)} drawn anew, ${String(left.length)} taken away`);
} else if (left.length + stale.length === 0) console.log(`docs/marbles shows what is in marbles: ${String(made.size)} drawings`);
else {
  for (const name of left) console.error(`docs/marbles/${name} belongs to no marble`);
  for (const [name] of stale) console.error(`docs/marbles/${name} is not up to date`);
  console.error('npm run marbles');
  process.exitCode = 1;
}
