import type { Cursor } from '../table/cursor.ts';

/** What a partition is doing, or what it waits for: every partition that is assigned stands in exactly one of these. */
export type Standing =
  /** It is fetched, looked up or delivered, or a long poll waits for new records. */
  | 'working'
  /** Its stream has ended, by plan. */
  | 'ended'
  /** Its stream ends, or has ended, by an error of its own: that is what tells of it. */
  | 'failed'
  /** Nobody is subscribed: attendance tells of it. */
  | 'unattended'
  /** Its user holds a pause. */
  | 'paused'
  /** The group's coordinator was not heard of for a whole session: nothing is delivered until it is. */
  | 'session-expired'
  /** The window, or its slice of the buffer, is full of records that are not acked. */
  | 'window'
  /** Its stream has ended at its mark, and the consumer waits for the acks. */
  | 'unacked'
  /** No broker leads it, or none is known to. */
  | 'no-leader'
  /** The broker that leads it does not answer. */
  | 'broker-away'
  /** The group's coordinator does not say what is committed; at most once, it does not take the commit that has to come before delivery. */
  | 'coordinator-away'
  /** The user's `startFrom` does not say where to begin. */
  | 'start-from'
  /** Its broker answers, and refuses this partition for the time being. */
  | 'refused';

/** What is known beside the cursor itself. */
export interface Surroundings {
  readonly suspended: boolean;
  /** Rounds to its leader that failed in a row. */
  readonly failures: number;
  /** The request for it that is under way has had no answer for longer than the broker may take. */
  readonly overdue: boolean;
}

/** Names why a partition stands still, if it does. Pure. */
export function standing(cursor: Cursor, { suspended, failures, overdue }: Surroundings): Standing {
  const { state, delivery } = cursor;
  if (cursor.over) return cursor.resumable && cursor.unacked > 0 ? 'unacked' : 'ended';
  if (state.kind === 'failed') return 'failed';
  if (suspended) return 'session-expired';
  if (delivery.pauses > 0) return 'paused';
  if (!delivery.attended) return 'unattended';
  if (isFull(cursor)) return 'window';
  if (delivery.hold === 'commit' || (state.kind === 'locating' && state.target.kind === 'committed')) return 'coordinator-away';
  if (state.kind === 'locating' && state.target.kind === 'asked') return 'start-from';
  const { leader, failures: refusals } = cursor.route;
  if (leader < 0) return 'no-leader';
  if (failures > 0 || overdue) return 'broker-away';
  return refusals > 0 ? 'refused' : 'working';
}

/** Nothing goes on before something is acked: the next record does not fit the window, or the next batch not the slice. */
function isFull({ held, delivery, heldByDemand }: Cursor): boolean {
  if (held.records === 0) return false;
  return delivery.hold === 'window' || (heldByDemand && !held.hasUndelivered);
}
