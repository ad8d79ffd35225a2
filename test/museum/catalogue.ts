import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A change of a file of ours that puts the failure of an exhibit back. */
export interface Mutant {
  /** Below the root. */
  readonly file: string;
  /** A text that is there exactly once, and what stands in its place. */
  readonly find: string;
  readonly replace: string;
  /** What we would be doing wrong. */
  readonly why: string;
}

/** A published failure of a consumer of Kafka. */
export interface Exhibit {
  /** Names its test. */
  readonly id: string;
  /** A letter: failures of one kind. */
  readonly class: string;
  readonly title: string;
  /** Where it was told. */
  readonly link: string;
  /** What would not have held. */
  readonly invariants: readonly string[];
  /** ★: the worst ones, ☆: the next. Both have a mutant that their test notices. */
  readonly star: '★' | '☆' | '';
  /** Below the root. */
  readonly test?: string;
  /** Instead of a test: which type or room makes it impossible here. */
  readonly reason?: string;
  /** Another name of it. */
  readonly aka?: readonly string[];
  readonly mutant?: Mutant;
}

export const root: string = join(import.meta.dirname, '../..');

/** All, in the order in which they are shown. */
export function exhibits(): readonly Exhibit[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'catalogue.json'), 'utf8')) as readonly Exhibit[];
}

/** Those whose test is to notice a mutant. */
export function withMutants(): readonly (Exhibit & { readonly test: string; readonly mutant: Mutant })[] {
  return exhibits().flatMap((exhibit) => {
    const { test, mutant } = exhibit;
    return test === undefined || mutant === undefined ? [] : [{ ...exhibit, test, mutant }];
  });
}
