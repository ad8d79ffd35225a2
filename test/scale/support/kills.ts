import type { Handled } from './log.ts';
import type { Repeat } from './records.ts';

/** The end of some members, or a silence that the group takes for one. */
export interface Kill {
  readonly members: readonly string[];
  /** When the commits were asked for, right before. */
  readonly looked: number;
  /** What was committed then, partition by partition. */
  readonly committed: readonly number[];
  readonly at: number;
  /** When it had taken place: what a member did until then it did before. */
  readonly until: number;
}

/** How much later than its interval a commit may come: ms. */
const GRACE = 1_000;

/** How often the work of a member may be done twice: what it acked since its last commit at the latest, and what it had in hand, a record of each partition. */
export function allowance(
  handled: readonly Handled[],
  member: string,
  { at, until }: Pick<Kill, 'at' | 'until'>,
  interval: number,
  partitions: number,
): number {
  const recent = handled.filter((one) => one.member === member && one.at >= at - interval - GRACE && one.at <= until);
  return (
    recent.length + Math.min(partitions, new Set(handled.filter((one) => one.member === member).map(({ partition }) => partition)).size)
  );
}

export interface Excess {
  readonly member: string;
  readonly doubled: number;
  readonly allowed: number;
}

/** What each kill cost, and what it may cost. */
export function costs(
  kills: readonly Kill[],
  handled: readonly Handled[],
  repeats: readonly Repeat[],
  { interval, partitions }: { readonly interval: number; readonly partitions: number },
): readonly Excess[] {
  const causes = repeats.map((repeat) => causeOf(kills, repeat));
  return kills.flatMap((kill) =>
    kill.members.map((member) => ({
      member,
      doubled: causes.filter((cause) => cause?.kill === kill && cause.member === member).length,
      allowed: allowance(handled, member, kill, interval, partitions),
    })),
  );
}

interface Cause {
  readonly kill: Kill;
  readonly member: string;
}

/**
 * The kill that a repeat is put down to: the next one of who did the work first, and did not live to commit it; else the last one of who did it for the
 * second time, not knowing yet that it had been taken for dead.
 */
function causeOf(kills: readonly Kill[], { earlier, later }: Repeat): Cause | undefined {
  const killed = kills.find(({ members, until }) => members.includes(earlier.member) && until >= earlier.at);
  if (killed !== undefined) return { kill: killed, member: earlier.member };
  const silent = kills.findLast(({ members, at }) => members.includes(later.member) && at <= later.at);
  return silent && { kill: silent, member: later.member };
}

/** Repeats in which nobody took part who was killed. */
export function unexplained(kills: readonly Kill[], repeats: readonly Repeat[]): readonly Repeat[] {
  return repeats.filter((repeat) => causeOf(kills, repeat) === undefined);
}

/** Records that were acked so long before a kill that they had to be committed, and were not: as `partition@offset`. */
export function uncommitted(kill: Kill, handled: readonly Handled[], interval: number): readonly string[] {
  return handled
    .filter(({ at, partition, offset }) => at < kill.looked - interval - GRACE && offset >= (kill.committed[partition] ?? 0))
    .map(({ partition, offset }) => `${partition}@${offset}`);
}
