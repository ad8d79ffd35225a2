import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { playAll } from '../../../simulation/crew.ts';
import { CHUNK, complaintOf, readEvidence, sample } from '../../../simulation/lives/evidence.ts';
import { generate } from '../../../simulation/lives/generate.ts';
import { play } from '../../../simulation/lives/play.ts';
import type { RangeOutcome } from '../../../simulation/lives/range.ts';
import { Tally } from '../../../simulation/lives/tally.ts';

const LIVES = 200;

test(
  '200 lives of those that were played for the evidence: all invariants hold, and all goes as before',
  { timeout: 120_000 },
  async () => {
    const evidence = readEvidence();
    if (evidence === undefined) throw new Error('there is no simulation/evidence.json: npm run simulate -- --seeds 10000 --write');
    const chunks = sample(evidence, LIVES, 0);
    const outcomes: RangeOutcome[] = [];
    await playAll(
      chunks.map(({ from }) => from),
      evidence.from + evidence.count,
      availableParallelism(),
      (outcome) => outcomes.push(outcome),
    );
    expect(outcomes).toHaveLength(LIVES / CHUNK);
    expect(outcomes.flatMap(({ failures }) => failures.map(({ seed, message }) => `seed ${String(seed)}: ${message}`))).toEqual([]);
    expect(complaintOf(evidence, chunks, outcomes)).toBeUndefined();
    areNotIdle(outcomes);
  },
);

function areNotIdle(outcomes: readonly RangeOutcome[]): void {
  const { counts } = outcomes.reduce((sum, { tally }) => {
    for (const [what, times] of tally) sum.add(what, times);
    return sum;
  }, new Tally());
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
    'happening unclean',
    'happening lag',
    'happening restart',
    'happening compact',
    'happening damage',
    'positioned truncated',
    'positioned recreated',
  ])
    expect([what, (counts.get(what) ?? 0) > 5]).toEqual([what, true]);
}

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
