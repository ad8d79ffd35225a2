import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { draw, drawingOf, drawings, inWords, parse, readTextMarble, textMarbles } from '../support/text/index.ts';

const { marble: example, mistakes } = parse(`title     fetch <& wait>
note      What it is about.
given     window.records = 2; log orders/0 = 0..3
names     F = fetch orders/0@0; a = ack 0
tick      ----5---~~1s~~--~~200ms~~---
> ack     ---------------a------------
< fetch   F---------------------------
< record  --0-------------------------
< record  --1-------------------------
< outer   --------------------------|-
`);

/** The names of the elements that are open at the end, and of ends that fit nothing. */
function unbalanced(svg: string): readonly string[] {
  const open: string[] = [];
  for (const [, end, name = '', alone] of svg.replace(/<style>[^<]*<\/style>/, '').matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
    if (end !== '/' && alone !== '/') open.push(name);
    else if (end === '/' && open.pop() !== name) return [`</${name}>`];
  }
  return open;
}

describe('a drawing', () => {
  if (example === undefined) throw new Error(inWords('file', mistakes));
  const svg = draw(example);

  test('is well formed, whatever the words', () => {
    expect(unbalanced(svg)).toEqual([]);
    expect(svg).toContain('<title>fetch &lt;&amp; wait&gt;</title>');
  });

  test('has what the file says: title, note, what is given, lanes once by name, letters with their words, cuts', () => {
    const texts = [...svg.matchAll(/<text class="([^"]+)"[^>]*>([^<]*)</g)].map(([, kind, words]) => `${kind ?? ''}: ${words ?? ''}`);
    expect(texts).toEqual([
      'title: fetch &lt;&amp; wait&gt;',
      'note: What it is about.',
      'given: given window.records\u00a0=\u00a02; log\u00a0orders/0\u00a0=\u00a00..3',
      ...['time: 0 ms', 'time: 5 ms', 'time: 1,008 ms', 'time: 1,210 ms'],
      ...['label drives: ack', 'letter: a', 'label: fetch', 'letter: F', 'label: record', 'letter: 0', 'letter: 1', 'label: outer'],
      ...['skipped: 1 s', 'skipped: 200 ms'],
      ...['letter: F', 'words: fetch orders/0@0', 'letter: a', 'words: ack 0', 'caption: driven', 'caption: expected'],
    ]);
  });

  test('draws what drives as squares and what is expected as circles, each where its column is', () => {
    const lanes = svg.slice(0, svg.indexOf('class="cut"'));
    expect([...lanes.matchAll(/class="drive" x="(\d+)"/g)].map(([, x]) => Number(x) + 9)).toEqual([120 + 15 * 20 + 10]);
    expect([...lanes.matchAll(/class="mark" cx="(\d+)"/g)].map(([, x]) => Number(x))).toEqual([130, 170, 170]);
  });

  test('says in words what a letter is to who points at it', () => {
    expect(svg).toContain('<title>record orders/0@1</title>');
  });

  test('is made for light pages and for dark ones', () => {
    expect(svg).toContain('@media (prefers-color-scheme: dark)');
  });
});

describe('docs/marbles', () => {
  const files = readdirSync(drawings).filter((name) => name.endsWith('.svg'));

  test('has a drawing of each text marble and no other', () => {
    expect(files.toSorted()).toEqual(textMarbles().map(drawingOf).toSorted());
  });

  test.each(textMarbles())('%s is drawn as it is: else npm run marbles', (path) => {
    expect(readFileSync(join(drawings, drawingOf(path)), 'utf8') === draw(readTextMarble(path))).toBe(true);
  });
});
