import { split } from './given.ts';
import type { Mistake, Piece } from './picture.ts';

/** What a letter stands for. */
export interface Name {
  readonly words: string;
  readonly piece: Piece;
}

export interface Names {
  readonly names: ReadonlyMap<string, Name>;
  /** Letters whose names are wrong: they are told of already. */
  readonly broken: ReadonlySet<string>;
  readonly mistakes: readonly Mistake[];
}

/** `F = fetch orders/0@0; a = ack 0`. */
export function readNames(pieces: readonly Piece[]): Names {
  const names = new Map<string, Name>();
  const broken = new Set<string>();
  const mistakes: Mistake[] = [];
  for (const piece of pieces.flatMap(split)) {
    const [, letter = '', words = ''] = /^(\S+)\s*=\s*(\S.*)$/.exec(piece.text) ?? [];
    const wrong = whatIsWrong(letter, names, piece.text);
    if (wrong === undefined) names.set(letter, { words: words.replace(/\s+/g, ' '), piece });
    else {
      broken.add(piece.text[0] ?? '');
      mistakes.push({ line: piece.line, column: piece.column, words: wrong });
    }
  }
  return { names, broken, mistakes };
}

function whatIsWrong(letter: string, names: ReadonlyMap<string, Name>, text: string): string | undefined {
  if (letter === '') return `a name is written as F = fetch orders/0@0, and not as ${text}`;
  if (letter.length > 1) return `a name is one letter, since a column is one tick: ${letter}`;
  if (letter === '-' || letter === '~') return `${letter} can not be a name: it is drawn where nothing happens`;
  const other = names.get(letter);
  return other === undefined ? undefined : `${letter} has a meaning already: ${other.words}`;
}
