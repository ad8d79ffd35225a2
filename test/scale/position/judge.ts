import { inWords, moveInWords, type Positioned, type Read, type Written } from './log.ts';

/** What a reader made of what was written. Times: ms. */
export interface Verdict {
  readonly written: number;
  /** To be delivered, and never was. */
  readonly lost: readonly string[];
  /** Delivered before. */
  readonly doubled: readonly string[];
  /** Delivered after a later one of its partition. */
  readonly disordered: readonly string[];
  /** Delivered, and nobody wrote that there: another value, or a record of an aborted transaction. */
  readonly foreign: readonly string[];
  /** The longest time in which nothing of a partition was written to the end: who leads it was not to be had. */
  readonly outage: number;
  /** The longest time from when the writer knew of a record until it was delivered. */
  readonly late: number;
  /** The longest time between two records of a partition. */
  readonly pause: number;
}

const place = ({ partition, offset }: { readonly partition: number; readonly offset: number }): string => `${partition}@${offset}`;
const isFor = ({ state }: Written): boolean => state === 'written' || state === 'committed';

/** Judges all that was delivered of logs that only grew. The records are in the order in which they were delivered. */
export function judged(written: readonly Written[], read: readonly Read[]): Verdict {
  const visible = written.filter(isFor);
  const known = new Map(written.filter(({ offset }) => offset >= 0).map((one) => [place(one), one]));
  const unknown = new Set(written.filter(({ state, offset }) => state === 'unknown' && offset < 0).map(({ value }) => value));
  const seen = new Set(read.map(place));
  const isForeign = (one: Read): boolean => {
    const truth = known.get(place(one));
    if (truth === undefined) return !unknown.has(one.value);
    return truth.state === 'aborted' || truth.value !== one.value;
  };
  return {
    written: visible.length,
    lost: visible.filter((one) => !seen.has(place(one))).map(inWords),
    doubled: repeated(read).map(inWords),
    disordered: late(read).map(inWords),
    foreign: read.filter(isForeign).map(inWords),
    outage: longestSilence(visible),
    late: lateness(visible, read),
    pause: longestSilence(read),
  };
}

function repeated(read: readonly Read[]): readonly Read[] {
  const seen = new Set<string>();
  return read.filter((one) => {
    const isRepeated = seen.has(place(one));
    seen.add(place(one));
    return isRepeated;
  });
}

function late(read: readonly Read[]): readonly Read[] {
  const highest = new Map<number, number>();
  return read.filter(({ partition, offset }) => {
    const before = highest.get(partition) ?? -1;
    highest.set(partition, Math.max(before, offset));
    return offset < before;
  });
}

function longestSilence(all: readonly { readonly partition: number; readonly at: number }[]): number {
  const last = new Map<number, number>();
  let longest = 0;
  for (const { partition, at } of all.toSorted((a, b) => a.at - b.at)) {
    longest = Math.max(longest, at - (last.get(partition) ?? at));
    last.set(partition, at);
  }
  return longest;
}

function lateness(visible: readonly Written[], read: readonly Read[]): number {
  const times = new Map(visible.map((one) => [place(one), one.at]));
  return read.reduce((most, one) => Math.max(most, one.at - (times.get(place(one)) ?? Infinity)), 0);
}

/** What a verdict says against a reader; nothing if all is well. `late`: how late a record may be, ms. */
export function faults({ lost, doubled, disordered, foreign, late: most }: Verdict, allowed: number): readonly string[] {
  const some = (what: string, all: readonly string[]): readonly string[] =>
    all.length === 0 ? [] : [`${all.length} ${what}: ${all.slice(0, 5).join(', ')}`];
  return [
    ...some('lost', lost),
    ...some('doubled', doubled),
    ...some('disordered', disordered),
    ...some('foreign', foreign),
    ...(most > allowed ? [`${Math.round(most)} ms late, ${Math.round(allowed)} are allowed`] : []),
  ];
}

/** Moves that nobody asked for: neither a start nor a seek. */
export function unasked(moves: readonly Positioned[]): readonly string[] {
  return moves.filter(({ reason }) => reason !== 'start' && reason !== 'seek' && reason !== 'committed').map(moveInWords);
}

/** What has to be delivered of a log that was cut: all of the old one, then the new one from `to` on. */
export function acrossCut(before: readonly Written[], after: readonly Written[], to: number): readonly string[] {
  return [...before, ...after.filter(({ offset }) => offset >= to)].map(inWords);
}
