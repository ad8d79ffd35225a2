import { describe, expect, it } from 'vitest';
import { answered, asked, type Freshness, invalidated, neverAsked, untilRefresh } from '../../src/cluster/freshness.ts';

const delay = (futile: number): number => 100 * 2 ** (futile - 1);
const maxAge = 5_000;

function wait(freshness: Freshness, now: number, unsettled = false): number {
  return untilRefresh(freshness, unsettled, maxAge, now);
}

/** Asked and answered at once, at that time. */
function round(freshness: Freshness, now: number, changed: boolean): Freshness {
  return answered(asked(freshness, now), now, changed, delay);
}

describe('freshness', () => {
  it('is asked for at once in the beginning, and then when it is old', () => {
    expect(wait(neverAsked, 0)).toBe(0);
    const fresh = round(neverAsked, 1_000, true);
    expect([wait(fresh, 1_000), wait(fresh, 5_999), wait(fresh, 6_000), wait(fresh, 9_000)]).toEqual([5_000, 1, 0, 0]);
  });

  it('is asked for after a pause when it proved wrong, or says itself that it will change', () => {
    const fresh = round(neverAsked, 1_000, true);
    expect([wait(invalidated(fresh), 1_000), wait(invalidated(fresh), 1_100), wait(invalidated(fresh), 3_000)]).toEqual([100, 0, 0]);
    expect(wait(fresh, 1_000, true)).toBe(100);
  });

  it('waits twice as long after each answer that brought nothing new, until one does', () => {
    let freshness = round(neverAsked, 0, true);
    const waits: number[] = [];
    let now = 0;
    for (const changed of [false, false, false, true, false]) {
      now += wait(invalidated(freshness), now);
      freshness = round(invalidated(freshness), now, changed);
      waits.push(wait(invalidated(freshness), now));
    }
    expect(waits).toEqual([100, 200, 400, 100, 100]);
  });

  it('waits as at first when nobody had asked for a while', () => {
    let freshness = round(neverAsked, 0, true);
    for (const now of [100, 200, 400]) freshness = round(invalidated(freshness), now, false);
    expect(wait(invalidated(round(invalidated(freshness), 1_199, false)), 1_199)).toBe(800);
    expect(wait(invalidated(round(invalidated(freshness), 1_200, false)), 1_200)).toBe(100);
  });

  it('is asked for again when it proved wrong while the answer was on its way', () => {
    const meanwhile = answered(invalidated(asked(neverAsked, 0)), 50, true, delay);
    expect(wait(meanwhile, 50)).toBe(100);
    const quiet = answered(asked(neverAsked, 0), 50, true, delay);
    expect(wait(quiet, 50)).toBe(5_000);
  });
});
