import { ignoreElements, tap, timer, type Observable } from 'rxjs';
import { UnattendedPartitionError } from '../errors/index.ts';
import type { Cursor } from '../table/cursor.ts';
import type { Table } from '../table/table.ts';
import type { Engine } from './engine.ts';

/** How often it is looked who is subscribed, at most: ms. */
const STEP = 1_000;
/** How often it is said again: ms. */
const REMINDER = 60_000;
/** It is said once more when it ends the consumer, unless it was said just before: the error may go to somebody who drops it. Ms. */
const LAST_WORD = 10_000;
const ERRORED = 'its stream has errored, and nobody has subscribed it again';

/** Since when nobody is subscribed, and when that was last said: ms on the scheduler's clock. */
interface Absence {
  readonly began: number;
  readonly toldAt: number;
  /** When it was last looked at, and for how long nobody was there up to then: ms. */
  readonly seenAt: number;
  readonly absent: number;
}

/**
 * Errors when a stream that is assigned has had no subscriber, and no held pause, for `unattendedTimeout`: its partition would stand still
 * for ever, and nobody would know. Tells of it (`unattended`) as soon as it is seen; with `unattendedTimeout: false` that is all.
 */
export function attendance(engine: Engine): Observable<never> {
  const { settings, context, table } = engine;
  const unattendedTimeout = settings.unattendedTimeout === false ? Infinity : settings.unattendedTimeout;
  const since = new WeakMap<Cursor, Absence>();
  const step = Math.min(STEP, unattendedTimeout);
  return timer(step, step, context.scheduler).pipe(
    tap(() => {
      const now = context.scheduler.now();
      giveUp(table, now);
      for (const cursor of table.cursors.values()) look(cursor, since, now, engine, unattendedTimeout);
    }),
    ignoreElements(),
  );
}

/** What is held in long pauses. All of them are found first: what one of them leaves is not to be fetched for another. */
function giveUp(table: Table, now: number): void {
  const tired = [...table.cursors.values()].filter(({ delivery }) => delivery.tires(now));
  for (const { delivery } of tired) delivery.giveUp();
  if (tired.length > 0) table.attendanceChanged();
}

function look(cursor: Cursor, since: WeakMap<Cursor, Absence>, now: number, { context, table }: Engine, patience: number): void {
  const why = unattended(cursor);
  // While suspended it is not the subscriber's turn.
  if (why === undefined || now >= table.sessionEnds) {
    since.delete(cursor);
    return;
  }
  const { topic, partition, key } = cursor;
  const { began, toldAt, seenAt, absent } = since.get(cursor) ?? { began: now, toldAt: -Infinity, seenAt: now, absent: 0 };
  // A process that was suspended has not been looked at meanwhile: that time is nobody's absence.
  const waited = absent + Math.min(now - seenAt, 2 * STEP);
  since.set(cursor, { began, toldAt, seenAt: now, absent: waited });
  const ends = why !== ERRORED && waited >= patience;
  if (now - toldAt >= (ends ? LAST_WORD : REMINDER)) {
    since.set(cursor, { began, toldAt: now, seenAt: now, absent: waited });
    context.tell({ kind: 'unattended', topic, partition, reason: why, since: began });
  }
  if (!ends) return;
  const words = `nobody has subscribed the stream of ${key} for ${String(patience)} ms`;
  const advice =
    'Subscribe every stream at once (eachPartition, mergeMap without a concurrency); a retry that waits longer has to hold a pause(), or raise unattendedTimeout.';
  throw new UnattendedPartitionError(words, { topic, partition, advice });
}

/** A stream that errored by itself is announced only: somebody has been told, and may have decided to leave it. */
function unattended({ delivery, state }: Cursor): string | undefined {
  if (delivery.subscribed || delivery.pauses > 0) return undefined;
  if (state.kind === 'failed') return state.told ? ERRORED : 'no subscriber';
  return state.kind === 'locating' || state.kind === 'fetching' ? 'no subscriber' : undefined;
}
