import { describe, expect, test } from 'vitest';
import type { Invariant } from '../../../simulation/oracle/violation.ts';
import type { Fabricated } from './fabricated.ts';

/** A history in which an invariant does not hold (`broken`), and the same one without the fault. */
export interface Case {
  readonly invariant: Invariant;
  readonly what: string;
  readonly history: (broken: boolean) => Fabricated;
}

/** An oracle that cannot fail is none: each broken history has to be found out, and nothing in the other. */
export function testCases(cases: readonly Case[]): void {
  describe.each(cases)('$invariant: $what', ({ invariant, history }) => {
    test('is found', () => {
      expect(history(true).violated).toBe(invariant);
    });

    test('nothing is found where it is not so', () => {
      expect(history(false).oracle.violation?.message).toBeUndefined();
    });
  });
}
