/** The invariants of the design, by name. */
export const invariants = [
  'LIVE',
  'TERM',
  'BACKOFF',
  'POS',
  'EPOCH',
  'OWN',
  'COMMIT',
  'ONCE',
  'NOLOSS',
  'DEADLINE',
  'ISOLATE',
  'RESET',
  'META',
  'SESSION',
  'MEMBER',
  'STOP',
  'MEM',
] as const;

export type Invariant = (typeof invariants)[number];

/** An invariant does not hold. `history`: the last things that happened, as a marble. */
export class Violation extends Error {
  readonly invariant: Invariant;
  readonly sentence: string;
  readonly history: string;

  constructor(invariant: Invariant, sentence: string, history = '') {
    super(`${invariant}: ${sentence}${history === '' ? '' : `\n\n${history}`}`);
    this.name = 'Violation';
    this.invariant = invariant;
    this.sentence = sentence;
    this.history = history;
  }
}
