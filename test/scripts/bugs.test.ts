import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withBug, type Bug } from '../../scripts/bugs/bug.ts';
import { tryKnown } from '../../scripts/bugs/known.ts';
import { bugs } from '../../scripts/bugs/list.ts';
import { page, pagePath } from '../../scripts/bugs/page.ts';
import { readSeeds } from '../../scripts/bugs/seeds.ts';
import { root } from '../../scripts/bugs/trees.ts';

describe('old bugs, put back', () => {
  test('there are ten at least, and one that no marble notices', () => {
    expect(bugs.filter(({ marble }) => marble !== 'none').length).toBeGreaterThanOrEqual(10);
    expect(bugs.filter(({ marble }) => marble === 'none').length).toBeGreaterThanOrEqual(1);
  });

  test.each(bugs)('$name is a change of what stands in $file', (bug) => {
    const text = readFileSync(join(root, bug.file), 'utf8');
    expect(withBug(bug, text)).not.toBe(text);
  });

  test('each is noticed by its marble and in its random life; without it both go well', { timeout: 180_000 }, async () => {
    const { complaints } = await tryKnown(bugs, readSeeds());
    expect(complaints, complaints.join('\n')).toEqual([]);
  });

  test('docs/bugs.md is what `npm run bugs -- --record` writes', async () => {
    expect(readFileSync(pagePath, 'utf8')).toBe(await page(bugs, readSeeds()));
  });
});

describe('a bug', () => {
  const bug: Bug = {
    name: 'b',
    what: '',
    file: 'f.ts',
    replace: [
      ['one', '$&'],
      ['two', ''],
    ],
    marble: 'none',
  };

  test('replaces its texts, as they are', () => {
    expect(withBug(bug, 'one two three')).toBe('$&  three');
  });

  test('whose text is not there, or several times, is refused', () => {
    expect(() => withBug(bug, 'two')).toThrow('b: f.ts has 0 times what is there once:\none');
    expect(() => withBug(bug, 'one two two')).toThrow('b: f.ts has 2 times what is there once:\ntwo');
  });
});
