import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { invariants } from '../../simulation/oracle/violation.ts';
import { printOf, readKilled } from '../../scripts/museum/killed.ts';
import { exhibits, root, withMutants } from './catalogue.ts';

const all = exhibits();

describe('the catalogue', () => {
  test('has each exhibit once', () => {
    const ids = all.flatMap(({ id, aka = [] }) => [id, ...aka]);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    expect(all.length).toBeGreaterThan(20);
  });

  test('no test is without an exhibit', () => {
    const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /^[a-z]\/.*\.test\.ts$/.test(file),
    );
    const known = new Set(all.map(({ test: file }) => file));
    expect(files.map((file) => `test/museum/${file}`).filter((file) => !known.has(file))).toEqual([]);
  });
});

describe.each(all)('$id', (exhibit) => {
  test('is told in full', () => {
    expect(exhibit.title.length).toBeGreaterThan(20);
    expect(exhibit.link).toMatch(/^https:\/\//);
    expect(exhibit.class).toMatch(/^[A-T]$/);
    expect(['★', '☆', '']).toContain(exhibit.star);
    expect(exhibit.invariants.length).toBeGreaterThan(0);
    for (const invariant of exhibit.invariants) expect(invariants).toContain(invariant);
  });

  test('has a test that is named after it, or a reason why it needs none', () => {
    const { id, test: file, reason } = exhibit;
    if (file === undefined) {
      expect(reason?.length ?? 0).toBeGreaterThan(40);
      return;
    }
    expect(reason).toBeUndefined();
    expect(file).toBe(`test/museum/${exhibit.class.toLowerCase()}/${id}.test.ts`);
    expect(existsSync(join(root, file)), file).toBe(true);
    expect(readFileSync(join(root, file), 'utf8')).toMatch(new RegExp(`^(describe|test)\\(\\s*'${id}[:']`, 'm'));
  });

  test('with a star: has a mutant that its test notices', () => {
    if (exhibit.star !== '' && exhibit.test !== undefined) expect(exhibit.mutant).toBeDefined();
  });
});

describe.each(withMutants())('the mutant of $id', ({ id, mutant }) => {
  test(`is a change of what stands once in ${mutant.file}`, () => {
    expect(mutant.file).toMatch(/^(src|operators)\//);
    expect(mutant.why.length).toBeGreaterThan(20);
    expect(mutant.replace).not.toBe(mutant.find);
    expect(readFileSync(join(root, mutant.file), 'utf8').split(mutant.find).length - 1).toBe(1);
  });

  test('was noticed by its test: `npm run museum -- --record`', () => {
    expect(readKilled()[id]).toBe(printOf(mutant));
  });
});
