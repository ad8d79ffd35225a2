/** How far what we believe about the cluster can be relied on. A value: the next refresh is computed from it, never remembered. */
export interface Freshness {
  /** When the last good answer came, ms; undefined before the first. */
  readonly at: number | undefined;
  /** It proved wrong after the last question was sent. */
  readonly stale: boolean;
  /** Not to be asked again before that time, ms, however stale it is. */
  readonly notBefore: number;
  /** How many answers in a row brought nothing new. */
  readonly futile: number;
}

export const neverAsked: Freshness = { at: undefined, stale: true, notBefore: 0, futile: 0 };

export function invalidated(freshness: Freshness): Freshness {
  return freshness.stale ? freshness : { ...freshness, stale: true };
}

/** There is more to know than was asked for: that the last answers brought nothing new says nothing of that. `delay`: the least between two questions, ms. */
export function extended(freshness: Freshness, delay: number): Freshness {
  const { at, notBefore } = freshness;
  return { ...freshness, stale: true, futile: 0, notBefore: at === undefined ? notBefore : Math.min(notBefore, at + delay) };
}

/**
 * A question is sent. What proves wrong from now on proves the answer wrong too, which may be older than that: it is asked once more.
 *
 * Where nobody had asked for as long again as the wait was, the wait starts anew.
 */
export function asked(freshness: Freshness, now: number): Freshness {
  const { at, notBefore } = freshness;
  const quiet = at === undefined || now >= notBefore + (notBefore - at);
  return { ...freshness, stale: false, futile: quiet ? 0 : freshness.futile };
}

/** A good answer came. `delay`: how long to wait after that many answers in a row without anything new, ms. */
export function answered(freshness: Freshness, now: number, changed: boolean, delay: (futile: number) => number): Freshness {
  const futile = changed ? 0 : freshness.futile + 1;
  // Also after a change: brokers that contradict each other would otherwise have us ask them without a pause.
  return { at: now, stale: freshness.stale, futile, notBefore: now + delay(Math.max(1, futile)) };
}

/** How long until the next question, ms. `unsettled`: the last answer itself says that it will change. */
export function untilRefresh(freshness: Freshness, unsettled: boolean, maxAge: number, now: number): number {
  if (freshness.at === undefined) return 0;
  const due = freshness.stale || unsettled ? freshness.notBefore : freshness.at + maxAge;
  return Math.max(0, due - now);
}
