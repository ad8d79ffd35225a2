import type { Action } from './actions.ts';
import type { Given } from './given.ts';

/** A place in a file; both count from 1. */
export interface Spot {
  readonly line: number;
  readonly column: number;
}

/** A part of a line, and where it begins. */
export interface Piece extends Spot {
  readonly text: string;
}

/** One thing that is wrong with a file. */
export interface Mistake extends Spot {
  readonly words: string;
}

/** A column of the picture. Times are ms since column 0. */
export interface Column {
  readonly at: number;
  readonly lasts: number;
  /** It belongs to a cut: `1s`. */
  readonly cut: string | undefined;
}

/** One letter of a lane. */
export interface Mark {
  /** From 0. */
  readonly column: number;
  readonly letter: string;
  /** What it stands for, in words. */
  readonly words: string;
  /** On a lane that drives: what is done. */
  readonly action: Action | undefined;
}

export interface Lane {
  /** `>` drives, `<` is expected. */
  readonly direction: '>' | '<';
  readonly name: string;
  readonly picture: string;
  readonly marks: readonly Mark[];
}

/** A text marble, read and checked. */
export interface TextMarble {
  readonly title: string;
  /** What it is about, in sentences; may be empty. */
  readonly note: string;
  readonly given: Given;
  /** The lines that say what is given, as they were written. */
  readonly givenText: readonly string[];
  /** Letters, and their words as they were written. */
  readonly names: ReadonlyMap<string, string>;
  readonly ruler: string;
  readonly columns: readonly Column[];
  readonly lanes: readonly Lane[];
}

/** The column that a time falls into; undefined: before the first one, or behind the last. */
export function columnAt(columns: readonly Column[], time: number): number | undefined {
  const column = columns.findLastIndex(({ at }) => at <= time);
  const found = columns[column];
  return found !== undefined && time < found.at + found.lasts ? column : undefined;
}
