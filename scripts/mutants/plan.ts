import type { Change } from './mutant.ts';

/** What one run of the marbles is to try. */
export interface Plan {
  readonly mutants: readonly {
    readonly name: string;
    readonly pipeline: string;
    readonly change: Change;
    /** Only against this one. */
    readonly marble?: string;
  }[];
  /** Marbles that are through, from a run that broke off. */
  readonly through: readonly string[];
  /** Pairs of marble and mutant that have been tried, from a run that broke off. */
  readonly tried: readonly (readonly [marble: string, mutant: string])[];
  /** Lines of `Entry` are appended to this file, each before the process goes on: what is in it outlives the process. */
  readonly journal: string;
}

/** What happened. Marbles by file and name: `window.test.ts > three records …`. */
export type Entry =
  | { readonly kind: 'trying'; readonly mutant: string; readonly marble: string }
  | { readonly kind: 'killed'; readonly mutant: string; readonly marble: string; readonly why: 'fails' | 'never ends' }
  | { readonly kind: 'survived'; readonly mutant: string; readonly marble: string }
  | { readonly kind: 'through'; readonly marble: string }
  /** It does not pass as it is, or not a second time. */
  | { readonly kind: 'broken'; readonly marble: string; readonly why: string };

/** The environment variable that names the file with the plan. */
export const planVariable = 'MUTANTS_PLAN';
