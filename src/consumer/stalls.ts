import type { Standing } from './standing.ts';

/** How long a partition may stand like this before it is said, ms. Infinity: that is as it should be, or told elsewhere. */
const patience: Readonly<Record<Standing, number>> = {
  working: Infinity,
  ended: Infinity,
  failed: Infinity,
  unattended: Infinity,
  paused: Infinity,
  'session-expired': 0,
  window: 30_000,
  unacked: 30_000,
  'no-leader': 30_000,
  'broker-away': 30_000,
  'coordinator-away': 30_000,
  'start-from': 30_000,
  refused: 30_000,
};

/** How a partition stands at one look. */
export interface Seen {
  readonly standing: Standing;
  readonly acks: number;
  readonly position: number | undefined;
}

/** How it has stood so far. */
export interface Episode {
  readonly seen: Seen;
  /** Since when something hinders it; meaningless while nothing does. Ms on the scheduler's clock. */
  readonly since: number;
  /** What was said of it. */
  readonly told: Standing | undefined;
}

export interface Word {
  readonly kind: 'stalled' | 'recovered';
  readonly reason: Standing;
  readonly since: number;
}

/**
 * What there is to say after a further look. A partition that moves has recovered; one that stands still for another reason than before is
 * the same episode, and said again with the new reason. Pure.
 */
export function follow(
  before: Episode | undefined,
  seen: Seen,
  now: number,
): { readonly episode: Episode; readonly words: readonly Word[] } {
  const wait = patience[seen.standing];
  const hindered = wait < Infinity;
  const goesOn = before !== undefined && hindered && patience[before.seen.standing] < Infinity && !moved(before.seen, seen);
  const since = goesOn ? before.since : now;
  const words: Word[] = [];
  if (before?.told !== undefined && !goesOn) words.push({ kind: 'recovered', reason: before.told, since: before.since });
  const told = goesOn ? before.told : undefined;
  const speaks = hindered && told !== seen.standing && now - since >= wait;
  if (speaks) words.push({ kind: 'stalled', reason: seen.standing, since });
  return { episode: { seen, since, told: speaks ? seen.standing : told }, words };
}

/** Acks are what a full window waits for; all else waits for the position. A session that is over waits for neither. */
function moved(before: Seen, { standing, acks, position }: Seen): boolean {
  if (standing === 'session-expired') return false;
  return standing === 'window' || standing === 'unacked' ? acks !== before.acks : position !== before.position;
}
