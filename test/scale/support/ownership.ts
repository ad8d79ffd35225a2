import type { Handled, Told } from './log.ts';

/** A time in which a partition was a member's. */
export interface Term {
  readonly member: string;
  readonly partition: number;
  readonly from: number;
  /** Infinity: it is still. */
  readonly until: number;
}

interface Death {
  readonly member: string;
  readonly at: number;
}

/** Whose the partitions were, and when, as the members told; what died told nothing. */
export function terms(told: readonly Told[], deaths: readonly Death[] = []): readonly Term[] {
  const open = new Map<string, Term>();
  const over: Term[] = [];
  const end = (member: string, at: number, among?: readonly number[]): void => {
    for (const [key, term] of open) {
      if (term.member !== member || (among !== undefined && !among.includes(term.partition))) continue;
      over.push({ ...term, until: at });
      open.delete(key);
    }
  };
  const ends = deaths.map(({ member, at }): Told => ({ member, at, kind: 'closed', partitions: [] }));
  for (const { member, kind, at, partitions } of [...told, ...ends].toSorted((a, b) => a.at - b.at)) {
    if (kind === 'closed') end(member, at);
    if (kind === 'revoked' || kind === 'lost') end(member, at, partitions);
    if (kind !== 'assigned') continue;
    for (const partition of partitions) {
      const key = `${member} ${partition}`;
      if (!open.has(key)) open.set(key, { member, partition, from: at, until: Infinity });
    }
  }
  return [...over, ...open.values()];
}

/** Pairs of members that had a partition at the same time. */
export function overlaps(all: readonly Term[]): readonly string[] {
  return all.flatMap((a, index) =>
    all
      .slice(index + 1)
      .filter((b) => a.partition === b.partition && a.member !== b.member && a.from < b.until && b.from < a.until)
      .map((b) => `${a.partition}: ${a.member} and ${b.member}`),
  );
}

/** Records that a member handled while their partition was not its own. */
export function unowned(handled: readonly Handled[], all: readonly Term[]): readonly Handled[] {
  const isWithin = ({ member, partition, at }: Handled, term: Term): boolean =>
    term.member === member && term.partition === partition && term.from <= at && at <= term.until;
  return handled.filter((one) => !all.some((term) => isWithin(one, term)));
}

/** Whether each of the partitions is exactly one member's now, and the members have as many as one another. */
export function isWhole(all: readonly Term[], members: readonly string[], partitions: number): boolean {
  const held = all.filter(({ until }) => until === Infinity);
  const shares = members.map((name) => held.filter(({ member }) => member === name).length);
  const isComplete = held.length === partitions && new Set(held.map(({ partition }) => partition)).size === partitions;
  return isComplete && Math.max(...shares) - Math.min(...shares) <= 1;
}

/** How many generations the members have seen. */
export function generations(told: readonly Told[]): number {
  return new Set(told.flatMap(({ kind, generation }) => (kind === 'joined' && generation !== undefined ? [generation] : []))).size;
}
