import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../../marbles');

/** File and name of each marble that the table of lessons speaks of. */
function listed(): readonly (readonly [file: string, name: string])[] {
  const [, lessons = ''] = readFileSync(join(folder, 'README.md'), 'utf8').split('\n## Lessons\n');
  return [...lessons.matchAll(/^\|.*\| `([^`]+)`: (.+) \|$/gm)].map(([, file = '', name = '']) => [file, name]);
}

describe('lessons', () => {
  test('there is a table of them, with a marble in each row', () => {
    const [, lessons = ''] = readFileSync(join(folder, 'README.md'), 'utf8').split('\n## Lessons\n');
    expect(lessons.match(/^\|/gm)?.length).toBe(listed().length + 2);
    expect(listed().length).toBeGreaterThan(20);
  });

  test.each(listed())('%s: %s', (file, name) => {
    const names = [...readFileSync(join(folder, file), 'utf8').matchAll(/\btest\((['"])(.*?)(?<!\\)\1, /g)].map(([, , found = '']) =>
      found.replaceAll('\\', ''),
    );
    expect(names).toContain(name);
  });
});
