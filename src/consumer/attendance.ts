import { EMPTY, ignoreElements, tap, timer, type Observable } from 'rxjs';
import { UnattendedPartitionError } from '../errors/index.ts';
import type { Cursor } from '../table/cursor.ts';
import type { Engine } from './engine.ts';

/** How often it is looked who is subscribed, at most: ms. */
const STEP = 1_000;

/**
 * Errors when a stream that is assigned has had no subscriber, and no held pause, for `unattendedTimeout`: its partition would stand still
 * for ever, and nobody would know. Tells of it (`unattended`) as soon as it is seen.
 */
export function attendance(engine: Engine): Observable<never> {
  const { settings, context, table } = engine;
  const { unattendedTimeout } = settings;
  if (unattendedTimeout === false) return EMPTY;
  const since = new WeakMap<Cursor, number>();
  const step = Math.min(STEP, unattendedTimeout);
  return timer(step, step, context.scheduler).pipe(
    tap(() => {
      const now = context.scheduler.now();
      for (const cursor of table.cursors.values()) look(cursor, since, now, engine, unattendedTimeout);
    }),
    ignoreElements(),
  );
}

function look(cursor: Cursor, since: WeakMap<Cursor, number>, now: number, { context, table }: Engine, patience: number): void {
  // Suspended, ended or errored by itself: then it is not the subscriber's turn.
  if (!isUnattended(cursor) || now >= table.sessionEnds) {
    since.delete(cursor);
    return;
  }
  const began = since.get(cursor);
  const { topic, partition, key } = cursor;
  if (began === undefined) {
    since.set(cursor, now);
    context.tell({ kind: 'unattended', topic, partition, reason: 'no subscriber', since: now });
  } else if (now - began >= patience) {
    throw new UnattendedPartitionError(`nobody has subscribed the stream of ${key} for ${String(patience)} ms`, { topic, partition });
  }
}

function isUnattended({ delivery, state }: Cursor): boolean {
  return !delivery.attached && delivery.pauses === 0 && (state.kind === 'locating' || state.kind === 'fetching');
}
