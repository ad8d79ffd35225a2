import { pipelinesOf } from './pipelines.ts';

/** What instrumented pipelines call: which operators of `pipeline` are there now. They are made by calling, so one left out is not made. */
export type Operators = (pipeline: string, made: readonly (() => unknown)[]) => readonly unknown[];

/** Its name on `globalThis`. */
export const hook = '__operatorsOf';

/**
 * The text of a file whose pipelines ask for their operators each time they are made: `.pipe(a, b)` is
 * `.pipe(...globalThis.__operatorsOf('…', [() => (a), () => (b)]))`. Lines stay where they are.
 */
export function instrument(file: string, text: string): string {
  const insertions = pipelinesOf(file, text).flatMap(({ name, places }) =>
    places.flatMap(({ start, end }, index) => [
      { at: start, text: index === 0 ? `...globalThis.${hook}(${JSON.stringify(name)}, [() => (` : '() => (' },
      { at: end, text: index === places.length - 1 ? ')])' : ')' },
    ]),
  );
  const inOrder = insertions.toSorted((a, b) => a.at - b.at);
  let done = 0;
  let made = '';
  for (const { at, text: inserted } of inOrder) {
    made += text.slice(done, at) + inserted;
    done = at;
  }
  return made + text.slice(done);
}
