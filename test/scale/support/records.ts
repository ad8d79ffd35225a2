import type { Handled } from './log.ts';

/** A record that was handled once more. */
export interface Repeat {
  readonly earlier: Handled;
  readonly later: Handled;
}

/** The time between two records of a partition, less the time in which there was none to be had. */
export interface Gap {
  readonly partition: number;
  readonly from: Handled;
  readonly to: Handled;
  /** Milliseconds. */
  readonly length: number;
  /** `moved`: another member goes on; `returned`: the same one, to whom it was assigned again; `kept`: all others. */
  readonly kind: 'kept' | 'returned' | 'moved';
}

const place = ({ partition, offset }: Handled): string => `${partition}@${offset}`;
const inTime = (handled: readonly Handled[]): readonly Handled[] => handled.toSorted((a, b) => a.at - b.at);

/** The records below the ends of their partitions that nobody has handled, as `partition@offset`. */
export function lost(ends: readonly number[], handled: readonly Handled[]): readonly string[] {
  const seen = new Set(handled.map(place));
  return ends.flatMap((end, partition) =>
    Array.from({ length: Math.max(0, end) }, (_, offset) => `${partition}@${offset}`).filter((one) => !seen.has(one)),
  );
}

/** What was handled before, each time that it was handled again. */
export function doubled(handled: readonly Handled[]): readonly Repeat[] {
  const last = new Map<string, Handled>();
  return inTime(handled).flatMap((later) => {
    const earlier = last.get(place(later));
    last.set(place(later), later);
    return earlier === undefined ? [] : [{ earlier, later }];
  });
}

/** Each partition's records when they were handled for the first time, in the order of time. */
function firsts(handled: readonly Handled[]): ReadonlyMap<number, readonly Handled[]> {
  const seen = new Set<string>();
  const rows = new Map<number, Handled[]>();
  for (const one of inTime(handled)) {
    if (seen.has(place(one))) continue;
    seen.add(place(one));
    const row = rows.get(one.partition) ?? [];
    rows.set(one.partition, row);
    row.push(one);
  }
  return rows;
}

const pairs = (row: readonly Handled[]): readonly (readonly [Handled, Handled])[] =>
  row.flatMap((to, index) => {
    const from = row[index - 1];
    return from === undefined ? [] : [[from, to] as const];
  });

/** What was handled for the first time after a later record of its partition. */
export function disordered(handled: readonly Handled[]): readonly Handled[] {
  return [...firsts(handled).values()].flatMap((row) => {
    let highest = -1;
    return row.filter(({ offset }) => {
      const isLate = offset < highest;
      highest = Math.max(highest, offset);
      return isLate;
    });
  });
}

function kindOf(from: Handled, to: Handled): Gap['kind'] {
  if (from.member !== to.member) return 'moved';
  return from.epoch === to.epoch ? 'kept' : 'returned';
}

/** The gaps between the records of each partition. A record that was written late makes no gap. */
export function gaps(handled: readonly Handled[]): readonly Gap[] {
  return [...firsts(handled)].flatMap(([partition, row]) =>
    pairs(row).map(([from, to]) => ({ partition, from, to, length: to.at - Math.max(from.at, to.written), kind: kindOf(from, to) })),
  );
}

/** The longest gap; of some kinds only, if they are given. */
export function longest(all: readonly Gap[], ...kinds: readonly Gap['kind'][]): number {
  return all.reduce((most, { kind, length }) => (kinds.length === 0 || kinds.includes(kind) ? Math.max(most, length) : most), 0);
}

/** The longest time that a handler took: milliseconds. */
export function longestHandler(handled: readonly Handled[]): number {
  return handled.reduce((most, { began, at }) => Math.max(most, at - began), 0);
}
