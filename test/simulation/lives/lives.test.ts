import { expect, test } from 'vitest';
import { generate } from '../../../simulation/lives/generate.ts';
import { play } from '../../../simulation/lives/play.ts';
import { playRange } from '../../../simulation/lives/range.ts';

test('200 lives: whatever happens in them, all invariants hold', { timeout: 60_000 }, () => {
  const { failures, tally } = playRange(1, 200);
  expect(failures.map(({ seed, message }) => `seed ${seed}: ${message}`)).toEqual([]);
  // They are not idle.
  const counts = new Map(tally);
  for (const what of [
    'joined',
    'lost',
    'restarted',
    'seek',
    'pause',
    'positioned reset',
    'ended by crash',
    'fault error',
    'fault reset',
    'happening move',
    'happening down',
  ])
    expect([what, (counts.get(what) ?? 0) > 5]).toEqual([what, true]);
});

test('a life is the same each time, bit for bit', () => {
  const lines = (seed: number): readonly string[] => {
    const seen: string[] = [];
    play(generate(seed), (line) => seen.push(line));
    return seen;
  };
  const first = [3, 4, 5].map(lines);
  expect(first.every((life) => life.length > 100)).toBe(true);
  // In another order: none leaves anything behind that another one notices.
  expect([5, 4, 3].map(lines).reverse()).toEqual(first);
});

test('another seed is another life', () => {
  expect(play(generate(3)).hash).not.toBe(play(generate(4)).hash);
});

test('a plan is a value: written down and read again it is the same life', () => {
  const plan = generate(7);
  expect(play(JSON.parse(JSON.stringify(plan)) as typeof plan).hash).toBe(play(plan).hash);
});
