import { assert, double, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelay } from '../../src/cluster/backoff.ts';

const backoff = { initial: 100, max: 10_000, jitter: 0.2 };

describe('the back-off', () => {
  it('doubles up to its maximum', () => {
    expect([0, 1, 2, 3, 7, 8, 2_000].map((failures) => backoffDelay(backoff, failures, () => 0.5))).toEqual([
      0, 100, 200, 400, 6_400, 10_000, 10_000,
    ]);
  });

  it('is shorter or longer by the jitter', () => {
    assert(
      property(integer({ min: 1, max: 100 }), double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, chance) => {
        const plain = backoffDelay(backoff, failures, () => 0.5);
        const delay = backoffDelay(backoff, failures, () => chance);
        expect(delay).toBeGreaterThanOrEqual(Math.round(plain * 0.8));
        expect(delay).toBeLessThanOrEqual(Math.round(plain * 1.2));
      }),
    );
  });
});
