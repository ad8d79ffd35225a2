import type { StartPosition } from '../model/startPosition.ts';
import { EARLIEST_TIMESTAMP, LATEST_TIMESTAMP } from '../protocol/apis/listOffsets.ts';

/** The timestamp to ask ListOffsets for. Not for an offset: that is known already. */
export function timestampOf(at: StartPosition, now: number): number {
  if (at === 'earliest') return EARLIEST_TIMESTAMP;
  if (at === 'latest' || 'offset' in at) return LATEST_TIMESTAMP;
  return Math.max(0, 'timestamp' in at ? at.timestamp : now - at.ago);
}
