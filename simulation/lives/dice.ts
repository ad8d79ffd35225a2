/** Chance in handy portions; the same for the same source. */
export class Dice {
  readonly random: () => number;

  /** `random`: numbers from 0 up to 1. */
  constructor(random: () => number) {
    this.random = random;
  }

  /** A whole number, both ends included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.random() * (to - from + 1));
  }

  chance(of: number): boolean {
    return this.random() < of;
  }

  pick<T>(first: T, ...others: readonly T[]): T {
    return [first, ...others][this.int(0, others.length)] ?? first;
  }

  /** So many of something, in the order of their times. */
  times<T extends { readonly at: number }>(count: number, make: () => T | undefined): T[] {
    const made = Array.from({ length: count }, make).filter((each) => each !== undefined);
    return made.sort((a, b) => a.at - b.at);
  }
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
