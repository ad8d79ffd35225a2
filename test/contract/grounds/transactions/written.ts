/** A record that was written, in a transaction or not, and what became of that. */
export interface Written {
  readonly partition: number;
  readonly offset: number;
  readonly state: 'committed' | 'aborted' | 'open' | 'plain';
  readonly value: string;
}

/** Lines `partition offset value`, by partition in the order in which they came. */
export type Seen = readonly (readonly string[])[];

export type IsolationLevel = 'read_committed' | 'read_uncommitted';

export interface WritingPlan {
  readonly topic: string;
  readonly partitions: number;
  readonly steps: number;
  readonly seed: number;
}
