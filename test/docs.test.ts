import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as exported from '../src/index.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Every page of this tree: those at the top, and those in the folders that have some. */
function pages(): readonly string[] {
  const inside = ['docs', 'marbles', 'bench', 'demo'].filter((folder) => existsSync(join(root, folder)));
  const all = [
    ...readdirSync(root),
    ...inside.flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, String(name)))),
  ];
  return all.filter((path) => path.endsWith('.md'));
}

/** What is shown as code is no link. */
const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

/** As GitHub names the headings of a page. */
function anchors(text: string): readonly string[] {
  const headings = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

function sources(folder: string): readonly string[] {
  const names = readdirSync(join(root, folder), { recursive: true }).map(String);
  return names.filter((name) => name.endsWith('.ts')).map((name) => read(join(folder, name)));
}

/** The codes that are written out in the source, where an error is made. */
function codes(): readonly string[] {
  const made = sources('src').flatMap((text) =>
    [...text.matchAll(/(?:new \w+Error|super)\(\s*'([A-Z_]+)'/g)].map(([, code]) => code ?? ''),
  );
  const connection = /type ConnectionErrorCode = ([^;]+);/.exec(read('src/errors/family.ts'))?.[1] ?? '';
  const refusals = /advices[^[]*\[([\s\S]*?)\n\]\)/.exec(read('src/errors/table.ts'))?.[1] ?? '';
  const named = [...`${connection} ${refusals}`.matchAll(/'([A-Z][A-Z_]+)'/g)].map(([, code]) => code ?? '');
  return [...new Set([...made, ...named])].toSorted();
}

function eventKinds(): readonly string[] {
  const kinds = [...read('src/model/events.ts').matchAll(/readonly kind: ([^;]+);/g)].map(([, names]) => names ?? '');
  return kinds.flatMap((names) => [...names.matchAll(/'(\w+)'/g)].map(([, name]) => name ?? ''));
}

describe('every page', () => {
  test.each(pages())('%s: what it links to is there', (page) => {
    const links = [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const broken = links.filter((link) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchors(read(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test.each(pages())('%s: the files that it names are there', (page) => {
    const named = [...read(page).matchAll(/`((?:src|operators|test|docs|scripts|demo|bench)\/[\w./-]*\w)`/g)].map(([, path = '']) => path);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe('docs/troubleshooting.md', () => {
  const text = read('docs/troubleshooting.md');
  const mentions = (word: string): boolean => text.includes(word);
  const classes = Object.entries(exported).filter(([name]) => name.endsWith('Error'));

  test('knows what to look for', () => {
    expect(classes.length).toBeGreaterThan(20);
    expect(codes()).toEqual(expect.arrayContaining(['BROKERS_UNREACHABLE', 'DRAIN_TIMED_OUT', 'LOG_TRUNCATED', 'INVALID_GROUP_ID']));
    expect(eventKinds()).toEqual(expect.arrayContaining(['connected', 'revoked', 'stalled', 'closed']));
  });

  test.each(classes.map(([name]) => name))('has %s', (name) => {
    expect(mentions(`\`${name}\``)).toBe(true);
  });

  test.each(codes())('has %s', (code) => {
    expect(mentions(`\`${code}\``)).toBe(true);
  });

  test.each(eventKinds())('has the event %s', (kind) => {
    expect(mentions(`\`${kind}\``)).toBe(true);
  });
});
