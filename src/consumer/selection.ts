import type { Matches } from '../cluster/interest.ts';
import type { ClusterView } from '../cluster/view.ts';

/** Kafka's own topics, also where an old broker does not say that they are. */
const INTERNAL: ReadonlySet<string> = new Set(['__consumer_offsets', '__transaction_state']);

/** What is to be consumed: topics by name, and those that match. A value; two are told apart by what they say. */
export interface Selection {
  /** Each once. */
  readonly names: readonly string[];
  readonly patterns: readonly RegExp[];
  /** Whether a pattern fits; undefined where there is none. */
  readonly matches: Matches | undefined;
}

export function selectionOf(names: readonly string[], patterns: readonly RegExp[] = []): Selection {
  const matches: Matches = (name, internal) => !internal && !INTERNAL.has(name) && patterns.some((pattern) => pattern.test(name));
  return { names, patterns, matches: patterns.length === 0 ? undefined : matches };
}

/** Whether both select the same. */
export function isSameSelection(a: Selection, b: Selection): boolean {
  return isSameList([...a.names].sort(), [...b.names].sort()) && isSameList(a.patterns.map(String), b.patterns.map(String));
}

/** Whether the view tells which topics there are that a pattern fits. */
export function isMatched({ matches }: Selection, view: ClusterView): boolean {
  return matches === undefined || view.matches === matches;
}

/** The topics that are selected, as far as is known: also those that are named and do not exist. In order. */
export function topicsIn({ names, matches }: Selection, view: ClusterView): readonly string[] {
  const found = matches === undefined ? [] : [...view.topics.values()].filter(({ name, internal }) => matches(name, internal));
  return [...new Set([...names, ...found.map(({ name }) => name)])].sort();
}

export function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}
