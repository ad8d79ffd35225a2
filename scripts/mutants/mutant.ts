import type { Pipeline } from './pipelines.ts';

/** A pipeline with one thing changed. */
export interface Mutant {
  /** `src/fetch/fetchLoop.ts fetchLoop: without repeat`, `…: retry before repeat`. */
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** Which pipeline, by name. */
  readonly pipeline: string;
  readonly change: Change;
}

/** Indices of operators: one is left out, or it and the next change places. */
export type Change = { readonly kind: 'without'; readonly at: number } | { readonly kind: 'swapped'; readonly at: number };

/** Each operator left out, and all neighbours swapped. */
export function mutantsOf(pipeline: Pipeline): readonly Mutant[] {
  const { operators, file, line, name } = pipeline;
  const made = (words: string, change: Change): Mutant => ({ name: `${name}: ${words}`, file, line, pipeline: name, change });
  return operators.flatMap((operator, at) => {
    const next = operators[at + 1];
    const without = made(`without ${operator}`, { kind: 'without', at });
    return next === undefined ? [without] : [without, made(`${next} before ${operator}`, { kind: 'swapped', at })];
  });
}

/** The operators with the change. */
export function changed<T>(operators: readonly T[], { kind, at }: Change): readonly T[] {
  const [before, changing, after] = [operators.slice(0, at), operators.slice(at, at + 2), operators.slice(at + 2)];
  return [...before, ...(kind === 'without' ? changing.slice(1) : changing.toReversed()), ...after];
}
