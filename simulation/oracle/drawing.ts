import type { Line } from './journal.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * Draws what happened as a marble: a column for each moment, a lane for each source, and below it what each letter stands for.
 *
 * ```
 *                 3ms  10ms
 *     m1 sends    a----c----
 *     m1 hears    ---b------
 * ```
 */
export function draw(lines: readonly Line[]): string {
  if (lines.length === 0) return '';
  const marked = lines.map((line, index) => ({ line, letter: LETTERS.charAt(index % LETTERS.length) }));
  const moments = [...new Set(lines.map(({ at }) => at))];
  const lanes = [...new Set(lines.map(({ lane }) => lane))].sort();
  const cells = (lane: string, at: number): string =>
    marked
      .filter(({ line }) => line.lane === lane && line.at === at)
      .map(({ letter }) => letter)
      .join('');
  const width = new Map(moments.map((at) => [at, Math.max(...lanes.map((lane) => cells(lane, at).length)) + 1]));
  const name = Math.max(...lanes.map(({ length }) => length), 'tick'.length);
  const rows = lanes.map(
    (lane) => `${lane.padEnd(name)}  ${moments.map((at) => cells(lane, at).padEnd(width.get(at) ?? 1, '-')).join('')}`,
  );
  const legend = marked.map(
    ({ line: { at, lane, words }, letter }) => `${letter}  ${String(at).padStart(8)} ms  ${lane.padEnd(name)}  ${words()}`,
  );
  return [...rows, '', ...legend].join('\n');
}
