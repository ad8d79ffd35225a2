import { columnAt, type Lane, type TextMarble } from './picture.ts';
import type { Noted } from './play.ts';

/** What is wrong with what was seen, as two pictures one above the other; undefined: nothing. */
export function compare(marble: TextMarble, noted: readonly Noted[]): string | undefined {
  const names = [...new Set(marble.lanes.filter(({ direction }) => direction === '<').map(({ name }) => name))];
  const letters = new Letters(marble);
  const pairs = names.map((name) => {
    const expected = marble.lanes.filter((lane) => lane.direction === '<' && lane.name === name);
    const seen = relevant(name, expected, noted);
    return { name, expected, seen, differs: differing(marble, expected, seen) };
  });
  if (pairs.every(({ differs }) => differs.length === 0)) return undefined;
  const lines = [row('', 'tick', marble.ruler)];
  for (const { direction, name, picture } of marble.lanes) if (direction === '>') lines.push(row('', `> ${name}`, picture));
  for (const { name, expected, seen, differs } of pairs) {
    if (differs.length === 0) {
      lines.push(...expected.map(({ picture }) => row('', `< ${name}`, picture)));
      continue;
    }
    lines.push(...expected.map(({ picture }) => row('expected', `< ${name}`, picture)));
    lines.push(...pictures(marble, seen, letters).map((picture) => row('seen', `< ${name}`, picture)));
    lines.push(
      row(
        '',
        '',
        marble.columns
          .map((_, column) => (differs.includes(column) ? '^' : ' '))
          .join('')
          .trimEnd(),
      ),
    );
    for (const column of differs) lines.push(...inWords(marble, expected, seen, column));
  }
  return [marble.title, '', ...lines, ...letters.legend()].join('\n');
}

/** Of events only those of the kinds that are drawn; of everything else all. */
function relevant(name: string, expected: readonly Lane[], noted: readonly Noted[]): readonly Noted[] {
  const own = noted.filter(({ lane }) => lane === name);
  if (name !== 'event') return own;
  const kinds = new Set(expected.flatMap(({ marks }) => marks.map(({ words }) => kindOf(words))));
  return own.filter(({ words }) => kinds.has(kindOf(words)));
}

function kindOf(event: string): string {
  return event.split(' ')[0] ?? '';
}

/** The columns in which not exactly that was seen, in that order, which is drawn from the upper lane to the lower one. */
function differing(marble: TextMarble, expected: readonly Lane[], seen: readonly Noted[]): readonly number[] {
  const columns: number[] = [];
  marble.columns.forEach((_, column) => {
    const [drawn, found] = [drawnIn(expected, column), seenIn(marble, seen, column)];
    if (drawn.length !== found.length || drawn.some((words, index) => words !== found[index])) columns.push(column);
  });
  return columns;
}

function drawnIn(lanes: readonly Lane[], column: number): readonly string[] {
  return lanes.flatMap(({ marks }) => marks.filter((mark) => mark.column === column).map(({ words }) => words));
}

function seenIn({ columns }: TextMarble, seen: readonly Noted[], column: number): readonly string[] {
  return seen.filter(({ at }) => columnAt(columns, at) === column).map(({ words }) => words);
}

function inWords(marble: TextMarble, expected: readonly Lane[], seen: readonly Noted[], column: number): readonly string[] {
  const list = (words: readonly string[]): string => (words.length === 0 ? 'nothing' : words.join(', '));
  const { at = 0, cut } = marble.columns[column] ?? {};
  const where = `column ${String(column + 1)}, ${cut === undefined ? `${String(at)} ms` : `in the cut of ${cut}`}`;
  const found = seen
    .filter((each) => columnAt(marble.columns, each.at) === column)
    .map((each) => `${each.words} (at ${String(each.at)} ms)`);
  return [`            ${where}: expected ${list(drawnIn(expected, column))}; seen ${list(found)}`];
}

/** What was seen, drawn as it should have been: as many lanes as there are things in one column. */
function pictures(marble: TextMarble, seen: readonly Noted[], letters: Letters): readonly string[] {
  const stacks = marble.columns.map((_, column) => seenIn(marble, seen, column).map((words) => letters.of(words)));
  const height = Math.max(1, ...stacks.map(({ length }) => length));
  return Array.from({ length: height }, (_, lane) => stacks.map((stack, column) => stack[lane] ?? empty(marble, column)).join(''));
}

function empty({ columns, ruler }: TextMarble, column: number): string {
  return columns[column]?.cut === undefined ? '-' : (ruler[column] ?? '-');
}

function row(which: string, label: string, picture: string): string {
  return `${which.padEnd(10)}${label.padEnd(14)}${picture}`.trimEnd();
}

/** Letters for what was seen: those of the picture, and further ones for what has none. */
class Letters {
  private readonly known = new Map<string, string>();
  private readonly fresh = new Map<string, string>();
  private readonly free: string[];

  constructor({ lanes, names }: TextMarble) {
    for (const { marks } of lanes) for (const { letter, words } of marks) this.known.set(words, letter);
    const used = new Set([...names.keys(), ...this.known.values()]);
    this.free = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz').filter((letter) => !used.has(letter));
  }

  of(words: string): string {
    const letter = this.known.get(words) ?? this.fresh.get(words) ?? this.free.shift() ?? '?';
    if (!this.known.has(words)) this.fresh.set(words, letter);
    return letter;
  }

  legend(): readonly string[] {
    return this.fresh.size === 0 ? [] : ['', ...[...this.fresh].map(([words, letter]) => `            ${letter} = ${words} (not drawn)`)];
  }
}
