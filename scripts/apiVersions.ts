/**
 * The table of Kafka APIs in docs/compatibility.md, made from src/protocol/apis. Writes it; with `--check` it only looks, and fails where the
 * table is not what the code says.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import * as apis from '../src/protocol/apis/index.ts';

const file = join(import.meta.dirname, '../docs/compatibility.md');
const begin = '<!-- apis: written by `npm run docs:apis` -->';
const end = '<!-- end of apis -->';

const rows = Object.values(apis)
  .toSorted((a, b) => a.key - b.key)
  .map(({ name, key, versions: [min, max], flexible }) => [
    name,
    String(key),
    `${String(min)} to ${String(max)}`,
    `from ${String(flexible)}`,
  ]);

/** In columns of equal width, as prettier formats it. */
function table(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const [head = '', ...body] = lines.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [head, rule, ...body].join('\n');
}

const text = readFileSync(file, 'utf8');
const from = text.indexOf(begin);
const to = text.indexOf(end);
if (from < 0 || to < from) throw new Error(`docs/compatibility.md has no place for the table: ${begin} … ${end}`);
const made = `${text.slice(0, from)}${begin}\n\n${table([['API', 'key', 'versions', 'flexible'], ...rows])}\n\n${text.slice(to)}`;

if (made === text) console.log('docs/compatibility.md says what src/protocol/apis says');
else if (process.argv.includes('--check')) {
  console.error('docs/compatibility.md is not what src/protocol/apis says: npm run docs:apis');
  process.exitCode = 1;
} else {
  writeFileSync(file, made);
  console.log('docs/compatibility.md is written anew');
}
