import type { Context } from '../cluster/context.ts';
import { OffsetOutOfRangeError } from '../errors/index.ts';
import type { StartPosition } from '../model/startPosition.ts';
import { EARLIEST_TIMESTAMP, LATEST_TIMESTAMP } from '../protocol/apis/listOffsets.ts';
import type { Cursor } from '../table/cursor.ts';

/** The timestamp to ask ListOffsets for. Not for an offset: that is known already. */
export function timestampOf(at: StartPosition, now: number): number {
  if (at === 'earliest') return EARLIEST_TIMESTAMP;
  if (at === 'latest' || 'offset' in at) return LATEST_TIMESTAMP;
  return Math.max(0, 'timestamp' in at ? at.timestamp : now - at.ago);
}

/** The position is found: says so, and goes on there. */
export function located(cursor: Cursor, offset: number, { tell }: Context): void {
  if (cursor.state.kind !== 'locating') return;
  const { reason } = cursor.state;
  const { topic, partition, lastPosition: from } = cursor;
  cursor.commitSoon = reason !== 'committed';
  // Who is told may seek at once: so what is told is true by then.
  cursor.locate(offset);
  tell({ kind: 'positioned', topic, partition, to: offset, reason, ...(from === undefined ? {} : { from }) });
}

/** An offset needs no look-up, and nowhere is not to be found; anything else is left to the loop that asks its leader. */
export function settleOffset(cursor: Cursor, context: Context): void {
  const { state } = cursor;
  if (state.kind !== 'locating') return;
  const { target } = state;
  if (target.kind === 'nowhere') cursor.apply({ kind: 'fail', error: nowhere(cursor, '') });
  if (target.kind === 'place' && isOffset(target.at)) located(cursor, target.at.offset, context);
}

/** Nothing says where to begin. `why`: words before that. */
export function nowhere({ key, topic, partition }: Cursor, why: string): Error {
  return new OffsetOutOfRangeError(`${why}nothing says where to begin in ${key}: autoOffsetReset is 'none'`, { topic, partition });
}

/** Nobody has to be asked where that is. */
export function isOffset(at: StartPosition): at is { readonly offset: number } {
  return typeof at === 'object' && 'offset' in at;
}
