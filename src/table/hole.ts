import type { Cursor } from './cursor.ts';

/** The log has nothing between `fetchOffset` and that offset. */
export function passHole(cursor: Cursor, end: number): void {
  const to = Math.min(end, cursor.mark ?? Infinity);
  if (to <= (cursor.fetchOffset ?? Infinity)) return;
  cursor.held.reachTo(to);
  if (!cursor.held.hasUndelivered) cursor.position = to;
  cursor.pass();
}
