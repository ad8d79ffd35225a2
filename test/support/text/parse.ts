import { readGiven } from './given.ts';
import { readLane, type LaneLine } from './lanes.ts';
import { readNames } from './names.ts';
import type { Mistake, Piece, TextMarble } from './picture.ts';
import { readRuler } from './ruler.ts';

export type Parsed =
  { readonly marble: TextMarble; readonly mistakes: readonly [] } | { readonly marble: undefined; readonly mistakes: readonly Mistake[] };

/** The lines of a file by what they begin with. */
interface Sorted {
  readonly title: readonly Piece[];
  readonly note: readonly Piece[];
  readonly given: readonly Piece[];
  readonly names: readonly Piece[];
  readonly tick: readonly Piece[];
  readonly lanes: readonly LaneLine[];
  readonly mistakes: readonly Mistake[];
}

const keywords = ['title', 'note', 'given', 'names', 'tick'] as const;

/** Reads a text marble. Each mistake in it is told once, with its line and column. */
export function parse(text: string): Parsed {
  const lines = sort(text);
  const { given, placed, mistakes: wrongGiven } = readGiven(lines.given);
  const { names, broken, mistakes: wrongNames } = readNames(lines.names);
  const [ruler = { text: '', line: 1, column: 1 }] = lines.tick;
  const { columns, mistakes: wrongTicks } = readRuler(ruler, given.tick);
  const around = { places: given.logs, brokers: given.brokers };
  // Without its ticks or its logs every lane would be wrong for the same reason.
  const readable = columns.length > 0 && wrongTicks.length === 0 && placed;
  const read = readable ? lines.lanes.map((line) => readLane(line, { columns, ruler, names, broken, around })) : [];
  const drawn = new Set(readable ? read.flatMap(({ used }) => used) : names.keys());
  // What could not be read may be just what is missing.
  const whole = lines.mistakes.length === 0;
  const absent = whole ? missing(lines) : [];
  const unused = whole && absent.length === 0 ? [...names].filter(([letter]) => !drawn.has(letter)) : [];
  const mistakes: readonly Mistake[] = [
    ...[...lines.mistakes, ...absent, ...wrongGiven, ...wrongNames, ...wrongTicks],
    ...read.flatMap(({ mistakes: wrong }) => wrong),
    ...unused.map(([letter, { piece }]) => ({ line: piece.line, column: piece.column, words: `${letter} has a name and is never drawn` })),
  ];
  if (mistakes.length > 0) return { marble: undefined, mistakes: inOrder(mistakes) };
  const marble: TextMarble = {
    title: lines.title[0]?.text ?? '',
    note: lines.note.map((piece) => piece.text).join(' '),
    given,
    givenText: lines.given.map((piece) => piece.text),
    names: new Map([...names].map(([letter, { words }]) => [letter, words])),
    ...{ ruler: ruler.text, columns, lanes: read.map(({ lane }) => lane) },
  };
  return { marble, mistakes: [] };
}

/** By their places. The same one is told once: a name that means nothing may be drawn often. */
function inOrder(mistakes: readonly Mistake[]): readonly Mistake[] {
  const byWords = new Map(mistakes.map((mistake) => [`${String(mistake.line)}:${String(mistake.column)} ${mistake.words}`, mistake]));
  return [...byWords.values()].toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** `marbles/text/poll.txt:6:24: …`, one line for each. */
export function inWords(file: string, mistakes: readonly Mistake[]): string {
  return mistakes.map(({ line, column, words }) => `${file}:${String(line)}:${String(column)}: ${words}`).join('\n');
}

function sort(text: string): Sorted {
  const sorted = { title: [] as Piece[], note: [] as Piece[], given: [] as Piece[], names: [] as Piece[], tick: [] as Piece[] };
  const lanes: LaneLine[] = [];
  const mistakes: Mistake[] = [];
  text.split(/\r?\n/).forEach((raw, index) => {
    const line = index + 1;
    const content = raw.trimEnd();
    const tab = content.indexOf('\t');
    if (tab >= 0) mistakes.push({ line, column: tab + 1, words: 'a tab, whose width nobody knows: columns are made with spaces' });
    else if (content !== '' && !content.startsWith('#')) {
      const read = statement(content, line);
      if ('words' in read) mistakes.push(read);
      else if ('direction' in read) lanes.push(read);
      else sorted[read.keyword].push(read.rest);
    }
  });
  return { ...sorted, lanes, mistakes };
}

function statement(
  content: string,
  line: number,
): LaneLine | Mistake | { readonly keyword: (typeof keywords)[number]; readonly rest: Piece } {
  const piece = (text: string, from: number): Piece => ({ text, line, column: from + 1 });
  const [, arrow, gap = '', name = '', space = '', picture] = /^([<>])(\s*)([\w-]+)(\s+)(\S.*)$/.exec(content) ?? [];
  if (picture !== undefined) {
    const at = 1 + gap.length;
    return { direction: arrow === '>' ? '>' : '<', name: piece(name, at), picture: piece(picture, at + name.length + space.length) };
  }
  if (/^[<>]/.test(content)) return { line, column: 1, words: 'a lane is written as > ack ---a--, or as < fetch F-----' };
  const [, word = '', between = '', rest] = /^(\S+)(\s+)(\S.*)$/.exec(content) ?? [];
  const keyword = keywords.find((each) => each === word);
  if (keyword === undefined || rest === undefined) {
    const [first = ''] = content.trimStart().split(/\s/);
    const known = keywords.find((each) => each === first);
    const at = content.length - content.trimStart().length + 1;
    if (known !== undefined && content.startsWith(known))
      return { line, column: content.length + 1, words: `nothing stands behind ${known}` };
    return { line, column: at, words: `a line begins with ${keywords.join(', ')}, > or <, and not with ${first}` };
  }
  return { keyword, rest: piece(rest, word.length + between.length) };
}

/** What must be there once, and what must be there at all. */
function missing({ title, tick, lanes }: Sorted): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  for (const [name, pieces] of [
    ['title', title],
    ['tick', tick],
  ] as const) {
    const [first, second] = pieces;
    if (first === undefined) mistakes.push({ line: 1, column: 1, words: `there is no ${name}` });
    if (second !== undefined)
      mistakes.push({ line: second.line, column: second.column, words: `a second ${name}: the first is in line ${String(first?.line)}` });
  }
  if (!lanes.some(({ direction }) => direction === '<'))
    mistakes.push({ line: 1, column: 1, words: 'nothing is expected: there is no lane that begins with <' });
  return mistakes;
}
