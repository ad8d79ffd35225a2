/** What one run of marbles is to do. */
export interface Plan {
  /** Only these; undefined: all. By path and name, `marbles/window.test.ts > three records …`. */
  readonly only?: readonly string[];
  /** Not these. */
  readonly not: readonly string[];
  /** Lines of `Entry` are appended to this file, each before the process goes on. */
  readonly journal: string;
}

export interface Entry {
  readonly kind: 'begins' | 'passes' | 'fails';
  readonly marble: string;
}

/** The environment variable that names the file with the plan. */
export const planVariable = 'BUGS_PLAN';
