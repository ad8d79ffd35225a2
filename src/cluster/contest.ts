/** Who said something, and when. */
export interface Witness {
  /** `host:port`. */
  readonly broker: string;
  /** Ms on the scheduler's clock. */
  readonly at: number;
  /** After how long the word of one broker is enough where there are others, ms. */
  readonly patience: number;
}

/** What answers in a row deny of a topic that we know: that there is such a topic, or that it has that id. */
export interface Contest {
  /** It is said to have another id; else that there is none. */
  readonly renamed: boolean;
  /** Since when it is said, ms on the scheduler's clock. */
  readonly since: number;
  readonly answers: number;
  readonly brokers: ReadonlySet<string>;
}

/** One more answer denies it. */
export function denied(before: Contest | undefined, renamed: boolean, { broker, at }: Witness): Contest {
  return {
    renamed,
    since: before?.since ?? at,
    answers: (before?.answers ?? 0) + 1,
    brokers: new Set([...(before?.brokers ?? []), broker]),
  };
}

/**
 * Whether it is to be believed. A broker that lags behind denies what the others know, so it takes two answers in a row, and by two brokers unless
 * there is only one; where the others stay silent, the one that goes on saying so is believed in the end.
 */
export function isBelieved({ answers, brokers, since }: Contest, alive: number, { at, patience }: Witness): boolean {
  return answers >= 2 && (brokers.size >= 2 || alive < 2 || at - since >= patience);
}
