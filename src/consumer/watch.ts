import { defer, ignoreElements, tap, timer, type Observable } from 'rxjs';
import type { Cursor } from '../table/cursor.ts';
import { heldBy, type Engine } from './engine.ts';
import { followCommit, type HeldBack } from './heldBack.ts';
import { standing } from './standing.ts';
import { follow, type Episode } from './stalls.ts';

/** How often each partition is looked at: ms. */
const STEP = 1_000;
/** What a broker may take for an answer beyond `maxWait`: ms. */
const ROUND_TRIP = 2_000;

/** What is remembered of a partition from one look to the next. */
interface Memory {
  readonly episode: Episode;
  readonly heldBack: HeldBack | undefined;
  /** The round that it is asked for in, and since when: ms on the scheduler's clock. */
  readonly round: object | undefined;
  readonly roundSince: number;
}

/**
 * Tells of each partition that stands still and why (`stalled`, `recovered`), and of each record that holds the commit back
 * (`commitHeldBack`). It looks at levels, once a second: nobody has to report anything, so nothing that waits can be forgotten.
 */
export function watch(engine: Engine): Observable<never> {
  return defer(() => {
    const memories = new WeakMap<Cursor, Memory>();
    return timer(STEP, STEP, engine.context.scheduler).pipe(
      tap(() => {
        for (const cursor of heldBy(engine)) memories.set(cursor, look(cursor, memories.get(cursor), engine));
      }),
      ignoreElements(),
    );
  });
}

function look(cursor: Cursor, before: Memory | undefined, engine: Engine): Memory {
  const { round } = cursor.route;
  const now = engine.context.scheduler.now();
  const roundSince = round !== undefined && before?.round === round ? before.roundSince : now;
  const episode = lookAtStanding(cursor, before?.episode, now - roundSince, engine);
  return { episode, heldBack: lookAtCommit(cursor, before?.heldBack, engine), round, roundSince };
}

function lookAtStanding(cursor: Cursor, before: Episode | undefined, waited: number, { context, table, settings }: Engine): Episode {
  const now = context.scheduler.now();
  const { topic, partition, acks, position, unacked, route } = cursor;
  const surroundings = {
    suspended: now >= table.sessionEnds,
    failures: table.rows.get(route.source)?.failures ?? 0,
    overdue: waited > settings.fetch.maxWait + ROUND_TRIP,
  };
  const { episode, words } = follow(before, { standing: standing(cursor, surroundings), acks, position }, now);
  for (const { kind, reason, since } of words) {
    const isFull = reason === 'window' || reason === 'unacked';
    context.tell({ kind, topic, partition, reason, since, ...(isFull && { unacked }) });
  }
  return episode;
}

function lookAtCommit(cursor: Cursor, before: HeldBack | undefined, { context, committer }: Engine): HeldBack | undefined {
  if (committer === undefined) return undefined;
  const { held, positionEpoch, topic, partition, position, committable } = cursor;
  const now = context.scheduler.now();
  // At most once commits the position, whatever is acked.
  const offset = held.overtaken && committable === held.lowestOutstanding ? committable : undefined;
  const { heldBack, speaks } = followCommit(before, offset === undefined ? undefined : { offset, positionEpoch }, now);
  if (heldBack !== undefined && speaks) {
    const behind = (position ?? heldBack.offset) - heldBack.offset;
    context.tell({ kind: 'commitHeldBack', topic, partition, offset: heldBack.offset, age: now - heldBack.since, behind });
  }
  return heldBack;
}
