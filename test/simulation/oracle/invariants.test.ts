import { expect, test } from 'vitest';
import { invariants } from '../../../simulation/oracle/violation.ts';
import { behaviour } from '../support/behaviourCases.ts';
import { testCases } from '../support/cases.ts';
import { commits } from '../support/commitCases.ts';
import { data } from '../support/dataCases.ts';
import { fetches } from '../support/fetchCases.ts';
import { positions } from '../support/positionCases.ts';

const all = [...data, ...commits, ...positions, ...fetches, ...behaviour];

testCases(all);

test('there is a history for each invariant', () => {
  expect(new Set(all.map(({ invariant }) => invariant))).toEqual(new Set(invariants));
});
