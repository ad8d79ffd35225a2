import { describe, expect, test } from 'vitest';
import { hook, instrument, type Operators } from '../../../scripts/mutants/instrument.ts';
import { changed, mutantsOf } from '../../../scripts/mutants/mutant.ts';
import { pipelinesOf } from '../../../scripts/mutants/pipelines.ts';

const text = `
export function loop(source) {
  const ready = () => source.pipe(take(1)); // .pipe(nothing)
  return source.pipe(
    repeat({ delay: ready }),
    named,
    (one) => one.pipe(take(2), map(String)),
    take(3),
  );
}
class Room {
  readonly views = this.subject.pipe(filter(Boolean));
}
`;

describe('pipelines', () => {
  test('are found with their operators, and named by the function around them', () => {
    expect(pipelinesOf('a.ts', text).map(({ name, line, operators }) => [name, line, operators.join()])).toEqual([
      ['a.ts ready', 3, 'take'],
      ['a.ts loop', 5, 'repeat,named,a function,take'],
      ['a.ts loop 2', 7, 'take,map'],
      ['a.ts Room', 12, 'filter'],
    ]);
  });

  test('outside of all functions are an error: nothing could change them any more', () => {
    expect(() => pipelinesOf('a.ts', 'export const views = subject.pipe(take(1));')).toThrow('outside of all functions');
  });

  test('of the same operator twice number it', () => {
    const [pipeline] = pipelinesOf('a.ts', 'function f() { return a.pipe(tap(x), map(y), tap(z)); }');
    expect(pipeline?.operators).toEqual(['tap', 'map', 'tap 2']);
  });
});

describe('mutants', () => {
  test('leave out each operator, and swap each two neighbours', () => {
    const [pipeline] = pipelinesOf('a.ts', 'function f() { return a.pipe(x(), y(), z()); }');
    const mutants = pipeline === undefined ? [] : mutantsOf(pipeline);
    expect(mutants.map(({ name, change }) => [name, changed(['x', 'y', 'z'], change).join('')])).toEqual([
      ['a.ts f: without x', 'yz'],
      ['a.ts f: y before x', 'yxz'],
      ['a.ts f: without y', 'xz'],
      ['a.ts f: z before y', 'xzy'],
      ['a.ts f: without z', 'xy'],
    ]);
  });

  test('live in text that is instrumented: each operator is made when its pipeline is, and only if it is there', () => {
    const asked: string[] = [];
    const operatorsOf: Operators = (pipeline, made) => {
      asked.push(pipeline);
      return made.toReversed().map((make) => make());
    };
    Reflect.set(globalThis, hook, operatorsOf);
    const made = instrument('a.ts', `function f(x) { return x.pipe(\n  'a', // first\n  x.pipe('b'),\n); } return f;`);
    const f = Reflect.construct(Function, [made]) as () => (x: object) => unknown;
    expect(f()({ pipe: (...operators: readonly unknown[]) => operators })).toEqual([['b'], 'a']);
    expect(asked).toEqual(['a.ts f', 'a.ts f 2']);
    expect(made.split('\n').length).toBe(4);
  });
});
