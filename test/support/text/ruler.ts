import type { Column, Mistake, Piece } from './picture.ts';
import { millisecondsOf } from './values.ts';

const cut = /^~+(\d+(?:ms|s|m))~+/;

/**
 * The columns of a tick lane, `----5---~~1s~~----`: one tick each. A digit says which column it stands in, counted from one; a cut takes the
 * time that it says, all of its columns together.
 */
export function readRuler(
  { text, line, column }: Piece,
  tick: number,
): { readonly columns: readonly Column[]; readonly mistakes: readonly Mistake[] } {
  const columns: Column[] = [];
  const mistakes: Mistake[] = [];
  let at = 0;
  while (columns.length < text.length) {
    const index = columns.length;
    const letter = text[index] ?? '';
    const [waves, label] = cut.exec(text.slice(index)) ?? [];
    if (waves !== undefined && label !== undefined) {
      const whole = millisecondsOf(label) ?? 0;
      const share = whole / waves.length;
      for (let part = 0; part < waves.length; part++) columns.push({ at: at + part * share, lasts: share, cut: label });
      at += whole;
      continue;
    }
    const words = wrong(letter, index + 1);
    if (words !== undefined) mistakes.push({ line, column: column + index, words });
    // Of a broken cut one mistake is enough.
    const [broken = letter] = /^~[^-]*/.exec(text.slice(index)) ?? [];
    for (let part = 0; part < broken.length; part++, at += tick) columns.push({ at, lasts: tick, cut: undefined });
  }
  return { columns, mistakes };
}

function wrong(letter: string, number: number): string | undefined {
  if (letter === '-') return undefined;
  if (letter === '~') return 'a cut is written as ~~1s~~: waves, a time in ms, s or m, waves';
  if (!/\d/.test(letter)) return `${letter} means nothing on a tick lane: it has -, digits, and cuts such as ~~1s~~`;
  const right = String(number % 10);
  return letter === right ? undefined : `this is column ${String(number)}, so the digit here is ${right} and not ${letter}`;
}
