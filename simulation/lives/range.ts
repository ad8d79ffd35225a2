import { createHash } from 'node:crypto';
import type { Invariant } from '../oracle/violation.ts';
import { generate } from './generate.ts';
import { play } from './play.ts';
import { Tally } from './tally.ts';

/** A life that did not go well. */
export interface Failure {
  readonly seed: number;
  readonly invariant: Invariant;
  readonly message: string;
}

/** What became of some lives. */
export interface RangeOutcome {
  readonly from: number;
  readonly count: number;
  /** Of the traces of all of them. */
  readonly hash: string;
  readonly tally: readonly (readonly [string, number])[];
  readonly failures: readonly Failure[];
}

/** Plays the lives of the seeds from `from` on. */
export function playRange(from: number, count: number): RangeOutcome {
  // Thousands of errors are made and healed, and nobody looks where each was made.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return played(from, count);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function played(from: number, count: number): RangeOutcome {
  const hash = createHash('sha256');
  const tally = new Tally();
  const failures: Failure[] = [];
  for (let seed = from; seed < from + count; seed++) {
    const outcome = play(generate(seed));
    hash.update(outcome.hash);
    tally.addAll(outcome.tally);
    const { violation } = outcome;
    if (violation !== undefined) failures.push({ seed, invariant: violation.invariant, message: violation.message });
  }
  return { from, count, hash: hash.digest('hex').slice(0, 16), tally: [...tally.counts], failures };
}
