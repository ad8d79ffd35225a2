import { isWorthRetrying, kafkaErrorOf } from '../errors/table.ts';
import type { FetchPartitionHeader } from '../protocol/apis/fetch.ts';

/** What the answer for one partition means. */
export type Verdict =
  /** Here are records, or none yet. */
  | 'records'
  /** Another replica is nearer: read it there (KIP-392). */
  | 'elsewhere'
  /** The position is outside of the log: as `autoOffsetReset` says. */
  | 'outOfRange'
  /** Who leads it is not known any more: ask, and try again. */
  | 'refresh'
  /** Try again. */
  | 'later'
  /** The log is not the one that we read: truncated below the position. */
  | 'diverged'
  /** Trying again does not help. */
  | 'fail';

export function verdictOf(header: FetchPartitionHeader): Verdict {
  if (header.errorCode === 0) {
    if (header.divergingEpoch.endOffset >= 0) return 'diverged';
    return header.preferredReadReplica >= 0 ? 'elsewhere' : 'records';
  }
  const { name, invalidates } = kafkaErrorOf(header.errorCode);
  if (name === 'OFFSET_OUT_OF_RANGE') return 'outOfRange';
  if (invalidates === 'metadata') return 'refresh';
  return isWorthRetrying(header.errorCode) ? 'later' : 'fail';
}
