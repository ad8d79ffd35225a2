import { expect, test } from 'vitest';
import { invariants } from '../../../simulation/oracle/violation.ts';
import { behaviour } from '../support/behaviourCases.ts';
import { testCases } from '../support/cases.ts';
import { data } from '../support/dataCases.ts';

testCases([...data, ...behaviour]);

test('there is a history for each invariant', () => {
  expect(new Set([...data, ...behaviour].map(({ invariant }) => invariant))).toEqual(new Set(invariants));
});
