import type { TextMarble } from './picture.ts';
import { element, textAt } from './svg.ts';

/** What the letters mean, in as many columns as there is room for; and what the shapes mean. */
export function drawLegend(marble: TextMarble, top: number, width: number): { readonly parts: readonly string[]; readonly bottom: number } {
  const names = [...marble.names];
  const longest = Math.max(0, ...names.map(([, words]) => words.length)) * 7 + 48;
  const across = Math.max(1, Math.min(names.length, Math.floor((width - 48) / longest)));
  const driven = new Set(marble.lanes.flatMap(({ direction, marks }) => (direction === '>' ? marks.map(({ letter }) => letter) : [])));
  const parts = names.flatMap(([letter, words], index) => {
    const x = 34 + (index % across) * longest;
    const y = top + Math.floor(index / across) * 24;
    return [shape(x, y, driven.has(letter)), textAt(x, y + 4, 'letter', letter), textAt(x + 18, y + 4, 'words', words)];
  });
  const below = top + Math.ceil(names.length / across) * 24 + (names.length > 0 ? 8 : 0);
  const caption = [
    shape(34, below, true),
    textAt(48, below + 4, 'caption', 'driven'),
    shape(112, below, false),
    textAt(126, below + 4, 'caption', 'expected'),
  ];
  return { parts: [...parts, ...caption], bottom: below + 10 };
}

function shape(x: number, y: number, drives: boolean): string {
  return drives
    ? element('rect', { class: 'drive', x: x - 9, y: y - 9, width: 18, height: 18, rx: 4 })
    : element('circle', { class: 'mark', cx: x, cy: y, r: 9.5 });
}
