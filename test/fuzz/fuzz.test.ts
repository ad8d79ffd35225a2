import { expect, test } from 'vitest';
import { play, type Outcome } from '../../scripts/fuzz/crew.ts';

/** Damaged Fetch answers: `npm run fuzz` does the same with a million. */
const seed = Number(process.env['FUZZ_SEED'] ?? 1);

function atLeast({ counts }: Outcome, least: Readonly<Record<string, number>>): void {
  for (const [what, times] of Object.entries(least)) expect(counts.get(what) ?? 0, what).toBeGreaterThanOrEqual(times);
}

test('20,000 damaged answers: the decoder reads or refuses them, at once and within its memory', { timeout: 120_000 }, async () => {
  const outcome = await play({ level: 'decode', seed, from: 0, count: 20_000, jobs: 2 });
  expect(outcome.found).toEqual([]);
  expect(outcome.played).toBe(20_000);
  // It is not all refused at the door: the damage is everywhere.
  atLeast(outcome, { damaged: 18_000, 'as they should be': 800, refused: 4_000, corrupt: 1_500, wrongCrcs: 1_500, unreadable: 2_000 });
  atLeast(outcome, { partitions: 20_000, batches: 30_000, records: 200_000 });
});

test(
  'some 500 damaged answers: a consumer never goes on with nonsense, and then reads all that nothing good has passed over',
  { timeout: 120_000 },
  async () => {
    const outcome = await play({ level: 'consume', seed, from: 0, count: 150, jobs: 2 });
    expect(outcome.found).toEqual([]);
    expect(outcome.played).toBe(150);
    atLeast(outcome, { damaged: 400, records: 2_000, 'failed CORRUPT_MESSAGE': 50, 'retry MALFORMED_RESPONSE': 50 });
  },
);
