import { expect, test } from 'vitest';
import { highestCommon } from '../../src/protocol/versions.ts';

test.each([
  [[4, 12], [4, 18], 12],
  [[4, 12], [0, 11], 11],
  [[4, 12], [12, 18], 12],
  [[4, 12], [4, 4], 4],
  [[4, 12], [0, 3], undefined],
  [[4, 12], [13, 18], undefined],
] as const)('of %j and %j: %j', (ours, theirs, expected) => {
  expect(highestCommon(ours, theirs)).toBe(expected);
});
