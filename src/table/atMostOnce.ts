import type { Held } from './held.ts';

/** Records that one commit is made for, at most by one batch. They are not seen again if the process dies. */
const STRETCH = 500;

/** What decides whether a record may be delivered at most once. */
export interface Licensed {
  readonly held: Held;
  readonly committed: number | undefined;
  /** The position epoch that `committed` belongs to. */
  readonly committedEpoch: number;
  readonly positionEpoch: number;
  /** The end of what is to be committed before it is delivered. */
  stretch: number;
  commitSoon: boolean;
}

/** Whether Kafka was told of everything below `end` since the last change of position. */
export function isCommitted(cursor: Licensed, end: number): boolean {
  return cursor.committedEpoch === cursor.positionEpoch && end <= (cursor.committed ?? -1);
}

/** Asks for a commit of the next stretch, which reaches to `end` at least. */
export function askForStretch(cursor: Licensed, end: number): void {
  cursor.stretch = Math.max(end, cursor.held.stretch(STRETCH) ?? end);
  cursor.commitSoon = true;
}
