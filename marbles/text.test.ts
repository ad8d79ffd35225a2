import { describe, expect, test } from 'vitest';
import { compare, play, readTextMarble, simulatedStage, textMarbles } from '../test/support/text/index.ts';

describe('text marbles', () => {
  test.each(textMarbles())('%s', (path) => {
    const marble = readTextMarble(path);
    const difference = compare(marble, play(marble, simulatedStage));
    expect(difference, difference).toBeUndefined();
  });
});
