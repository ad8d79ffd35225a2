import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withBug, type Bug } from './bug.ts';

export const root: string = join(import.meta.dirname, '../..');

/** What marbles and random lives are made of. */
const parts = ['src', 'operators', 'marbles', 'simulation', 'test', 'package.json', 'tsconfig.json'];

/** Other tests are no part of that, but for those in `kept`. */
function isPart(file: string, kept: string): boolean {
  return !file.endsWith('.test.ts') || !file.startsWith(join(root, 'test')) || file.startsWith(join(root, kept));
}

/** Private copies of the tree, for bugs to be put into. */
export class Trees {
  /** Where they lie, each in a folder of its own. */
  readonly folder: string = mkdtempSync(join(tmpdir(), 'kafka-rx-bugs-'));
  /** The tree as it was when this was made: whoever works on it meanwhile changes nothing here. */
  readonly clean: string = join(this.folder, 'clean');

  /** `kept`: a folder of tests that come along. */
  constructor(kept = 'marbles') {
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
    for (const part of parts) cpSync(join(root, part), join(this.clean, part), { recursive: true, filter: (file) => isPart(file, kept) });
  }

  /** A tree with the bug. */
  grow(bug: Bug): string {
    const tree = join(this.folder, bug.name);
    cpSync(this.clean, tree, { recursive: true });
    const file = join(tree, bug.file);
    writeFileSync(file, withBug(bug, readFileSync(file, 'utf8')));
    return tree;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
