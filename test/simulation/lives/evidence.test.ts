import { expect, test } from 'vitest';
import { complaintOf, evidenceOf, sample } from '../../../simulation/lives/evidence.ts';
import type { RangeOutcome } from '../../../simulation/lives/range.ts';

const outcomes = [1, 21, 41].map((from): RangeOutcome => ({
  from,
  count: from === 41 ? 10 : 20,
  hash: `hash ${String(from)}`,
  tally: [],
  failures: [],
}));
const evidence = evidenceOf(1, outcomes);

test('evidence is what was played, whatever came first', () => {
  expect(evidenceOf(1, outcomes.toReversed())).toEqual(evidence);
  expect(evidence).toMatchObject({ from: 1, count: 50, chunks: ['hash 1', 'hash 21', 'hash 41'] });
});

test('some of it are spread evenly', () => {
  expect(sample(evidence, 40, 0).map(({ from }) => from)).toEqual([1, 21]);
  expect(sample(evidence, 40, 1).map(({ from }) => from)).toEqual([21, 41]);
  expect(sample(evidence, 10_000, 0)).toHaveLength(3);
});

test('lives that go as before are no complaint', () => {
  expect(complaintOf(evidence, sample(evidence, 50, 0), outcomes)).toBeUndefined();
});

test('lives that go otherwise are, with what to do about it', () => {
  const others = outcomes.map((outcome) => (outcome.from === 41 ? { ...outcome, hash: 'another' } : outcome));
  expect(complaintOf(evidence, sample(evidence, 50, 0), others)).toBe(
    `the lives of seeds 41 to 50 went otherwise than in simulation/evidence.json.
If that is meant: npm run simulate -- --from 1 --seeds 50 --write`,
  );
});

test('evidence that somebody changed by hand is one as well', () => {
  const changed = { ...evidence, chunks: ['hash 1', 'hash 21', 'another'] };
  expect(complaintOf(changed, sample(changed, 20, 0), outcomes)).toMatch(/^simulation\/evidence.json is not whole/);
});
