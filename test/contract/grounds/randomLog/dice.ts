import { seeded } from '../../../support/seeded.ts';

/** Chance with a seed. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  /** From 0 on, below `bound`. */
  below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }

  /** From 0 to 1. */
  share(): number {
    return this.#random();
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  /** Some of them, one at least. */
  some<T>(list: readonly T[], most: number): readonly T[] {
    const left = [...list];
    return Array.from({ length: 1 + this.below(most) }, () => left.splice(this.below(left.length), 1)).flat();
  }
}
