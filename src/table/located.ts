import type { Context } from '../cluster/context.ts';
import { OffsetOutOfRangeError } from '../errors/index.ts';
import type { StartPosition } from '../model/startPosition.ts';
import type { Cursor } from './cursor.ts';

/** The position is found: says so, and goes on there. `epoch`: of the leader that wrote the record before it; -1: not known. */
export function located(cursor: Cursor, offset: number, epoch: number, { tell }: Context): void {
  if (cursor.state.kind !== 'locating') return;
  const { reason } = cursor.state;
  const { topic, partition, lastPosition: from } = cursor;
  cursor.commitSoon = reason !== 'committed';
  // Who is told may seek at once: so what is told is true by then, and nothing has been asked for there yet.
  cursor.locate(offset, epoch, () =>
    tell({ kind: 'positioned', topic, partition, to: offset, reason, ...(from === undefined ? {} : { from }) }),
  );
}

/** An offset needs no look-up, and nowhere is not to be found; anything else is left to the loop that asks its leader. */
export function settleOffset(cursor: Cursor, context: Context): void {
  const { state } = cursor;
  if (state.kind !== 'locating') return;
  const { target } = state;
  if (target.kind === 'nowhere') cursor.apply({ kind: 'fail', error: nowhere(cursor, '') });
  if (target.kind === 'place' && isOffset(target.at)) located(cursor, target.at.offset, -1, context);
}

/** Nothing says where to begin. `why`: words before that. */
export function nowhere({ key, topic, partition }: Cursor, why: string): Error {
  return new OffsetOutOfRangeError(`${why}nothing says where to begin in ${key}: autoOffsetReset is 'none'`, { topic, partition });
}

/** Nobody has to be asked where that is. */
export function isOffset(at: StartPosition): at is { readonly offset: number } {
  return typeof at === 'object' && 'offset' in at;
}
