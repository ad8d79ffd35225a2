import { describe, expect, it } from 'vitest';
import { followCommit, type HeldBack } from '../../src/consumer/heldBack.ts';

/** When it is said, of looks at these times. */
function said(...looks: readonly (readonly [at: number, offset?: number, positionEpoch?: number])[]): number[] {
  let heldBack: HeldBack | undefined;
  return looks.flatMap(([at, offset, positionEpoch = 0]) => {
    const step = followCommit(heldBack, offset === undefined ? undefined : { offset, positionEpoch }, at);
    heldBack = step.heldBack;
    return step.speaks ? [at] : [];
  });
}

describe('a record that holds the commit back', () => {
  it('is said after 60 s, and again 60 s after that', () => {
    expect(said([0, 7], [59_999, 7], [60_000, 7], [61_000, 7], [119_999, 7], [120_000, 7])).toEqual([60_000, 120_000]);
  });

  it('is another one where its offset or its position epoch is, or where there was none between', () => {
    expect(said([0, 7], [30_000, 8], [60_000, 8], [90_000, 8])).toEqual([90_000]);
    expect(said([0, 7], [30_000, 7, 1], [60_000, 7, 1])).toEqual([]);
    expect(said([0, 7], [30_000], [31_000, 7], [60_000, 7])).toEqual([]);
  });
});
