import { drawLegend } from './drawLegend.ts';
import type { Column, Lane, TextMarble } from './picture.ts';
import { CELL, element, escaped, EXTRA, GUTTER, LANE, style, textAt, wrap } from './svg.ts';

interface Row {
  readonly lane: Lane;
  /** A further lane of the name above it. */
  readonly further: boolean;
  readonly y: number;
}

/** A text marble as an SVG, readable on light and on dark pages. */
export function draw(marble: TextMarble): string {
  const width = Math.max(GUTTER + marble.columns.length * CELL + 24, 560);
  const head = drawHead(marble, width);
  const rows = rowsOf(marble.lanes, head.height + 44);
  const top = head.height + 20;
  const bottom = (rows.at(-1)?.y ?? top) + 22;
  const legend = drawLegend(marble, bottom + 20, width);
  const height = legend.bottom + 12;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="${String(height)}" viewBox="0 0 ${String(width)} ${String(height)}" role="img">`,
    `<title>${escaped(marble.title)}</title>`,
    ...(marble.note === '' ? [] : [`<desc>${escaped(marble.note)}</desc>`]),
    style,
    element('rect', { class: 'page', x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 8 }),
    ...head.parts,
    ...drawAxis(marble, top, bottom),
    ...rows.flatMap((row) => drawRow(row, marble)),
    ...drawCuts(marble.columns, top, bottom),
    ...legend.parts,
    '</svg>',
    '',
  ].join('\n');
}

function drawHead({ title, note, givenText }: TextMarble, width: number): { readonly parts: readonly string[]; readonly height: number } {
  // An entry stays in one line.
  const entries = givenText.flatMap((text) => text.split(/;\s*/)).map((entry) => entry.replaceAll(' ', '\u00a0'));
  const lines = [
    ...wrap(note, width - 48, 6.4).map((text) => ({ text, class: 'note' })),
    ...wrap(`given ${entries.join('; ')}`, width - 48, 6.8).map((text) => ({ text, class: 'given' })),
  ];
  const parts = [textAt(24, 34, 'title', title), ...lines.map((line, index) => textAt(24, 56 + index * 18, line.class, line.text))];
  return { parts, height: 48 + lines.length * 18 };
}

function rowsOf(lanes: readonly Lane[], from: number): readonly Row[] {
  const rows: Row[] = [];
  let y = from;
  lanes.forEach((lane, index) => {
    const before = lanes[index - 1];
    const further = before?.name === lane.name && before.direction === lane.direction;
    y += index === 0 ? 0 : further ? EXTRA : LANE;
    rows.push({ lane, further, y });
  });
  return rows;
}

const middle = (column: number): number => GUTTER + column * CELL + CELL / 2;

/** Times, where they are round to look at: each fifth column, and where it goes on behind a cut. */
function drawAxis({ columns }: TextMarble, top: number, bottom: number): readonly string[] {
  const parts: string[] = [];
  let last = -Infinity;
  let sinceCut = 0;
  columns.forEach(({ at, cut }, column) => {
    sinceCut = cut === undefined ? sinceCut + 1 : 0;
    if (cut !== undefined || (sinceCut - 1) % 5 !== 0 || column - last < 4) return;
    last = column;
    parts.push(
      textAt(middle(column), top, 'time', timeOf(at)),
      element('line', { class: 'grid', x1: middle(column), y1: top + 6, x2: middle(column), y2: bottom }),
    );
  });
  const end = middle(columns.length - 1);
  return [...parts, element('line', { class: 'end', x1: end, y1: top + 6, x2: end, y2: bottom })];
}

function timeOf(ms: number): string {
  if (ms >= 10_000 && ms % 100 === 0) return `${String(ms / 1_000)} s`;
  return `${String(ms).replace(/(?<=\d)(?=(\d{3})+$)/g, ',')} ms`;
}

function drawRow({ lane, further, y }: Row, { columns }: TextMarble): readonly string[] {
  const drives = lane.direction === '>';
  const label = further ? [] : [textAt(GUTTER - 14, y + 4, drives ? 'label drives' : 'label', lane.name)];
  const line = element('line', { class: 'lane', x1: GUTTER, y1: y, x2: middle(columns.length - 1), y2: y });
  return [...label, line, ...lane.marks.flatMap(({ column, letter, words }) => drawMark(middle(column), y, drives, letter, words))];
}

function drawMark(x: number, y: number, drives: boolean, letter: string, words: string): readonly string[] {
  const told = `<title>${escaped(words)}</title>`;
  if (letter === '|') return [`<g>${told}${element('line', { class: 'bar', x1: x, y1: y - 11, x2: x, y2: y + 11 })}</g>`];
  const shape = drives
    ? element('rect', { class: 'drive', x: x - 9, y: y - 9, width: 18, height: 18, rx: 4 })
    : element('circle', { class: 'mark', cx: x, cy: y, r: 9.5 });
  return [`<g>${told}${shape}${textAt(x, y + 4, 'letter', letter)}</g>`];
}

/** A cut goes through all lanes. */
function drawCuts(columns: readonly Column[], top: number, bottom: number): readonly string[] {
  const parts: string[] = [];
  for (let column = 0; column < columns.length; column++) {
    const { cut } = columns[column] ?? {};
    if (cut === undefined) continue;
    let last = column;
    while (columns[last + 1]?.cut !== undefined && columns[last + 1]?.at !== undefined && !startsCut(columns, last + 1)) last++;
    const [x1, x2] = [middle(column) - CELL / 4, middle(last) + CELL / 4];
    const [above, below] = [top + 8, bottom + 2];
    parts.push(
      `<path class="cut" d="${wave(x1, above, below)} L ${String(x2)} ${String(below)} ${wave(x2, below, above).replace('M', 'L')} Z"/>`,
      `<path class="wave" d="${wave(x1, above, below)}"/>`,
      `<path class="wave" d="${wave(x2, above, below)}"/>`,
      textAt((x1 + x2) / 2, top + (bottom - top) / 2 + 4, 'skipped', cut.replace(/(?=[a-z])/, ' ')),
    );
    column = last;
  }
  return parts;
}

/** Two cuts may touch: the columns of one have the same share of its time. */
function startsCut(columns: readonly Column[], column: number): boolean {
  const [before, here] = [columns[column - 1], columns[column]];
  return before?.cut !== here?.cut;
}

function wave(x: number, from: number, to: number): string {
  const steps = Math.max(2, Math.round(Math.abs(to - from) / 12));
  const step = (to - from) / steps;
  const points = Array.from({ length: steps }, (_, index) => {
    const y = from + step * index;
    const side = index % 2 === 0 ? 4 : -4;
    return `Q ${String(x + side)} ${(y + step / 2).toFixed(1)} ${String(x)} ${(y + step).toFixed(1)}`;
  });
  return `M ${String(x)} ${String(from)} ${points.join(' ')}`;
}
