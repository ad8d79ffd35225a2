import type { KafkaRecord, PartitionStream } from '../../../../src/index.ts';
import type { Dice } from './dice.ts';
import { lineOf, type Printed } from './java.ts';

/** What one hand did. */
export interface Moves {
  records: number;
  seeksInside: number;
  seeksOutside: number;
  pauses: number;
}

/** After so many ms at most something happens from outside, or a pause ends. */
const LATER = 12;

/**
 * Reads one partition, and compares each record with the one that is to come: the first one from the offset that was sought last, then one after the other.
 * It seeks and pauses at random; when it has made all of its moves it goes back to the beginning, and reads the whole once.
 */
export class Hand {
  readonly #partition: PartitionStream;
  readonly #printed: Printed;
  readonly #timestampType: string;
  readonly #dice: Dice;
  readonly #moves: Moves;
  #left: number;
  #next = 0;
  #paused = 0;
  #leading = false;
  /** Everything was read in one go, from the first record to the last. */
  covered = false;

  constructor(partition: PartitionStream, printed: Printed, timestampType: string, dice: Dice, moves: number, done: Moves) {
    this.#partition = partition;
    this.#printed = printed;
    this.#timestampType = timestampType;
    this.#dice = dice;
    this.#moves = done;
    this.#left = printed.lines.length === 0 ? 0 : moves;
    this.#goesThrough();
    this.covered = printed.lines.length === 0;
  }

  see(record: KafkaRecord): void {
    const { key } = this.#partition;
    if (this.#paused > 0) throw new Error(`${key}: offset ${record.offset} while it is paused`);
    const expected = this.#printed.lines[this.#next];
    const seen = lineOf(record, this.#timestampType);
    if (seen !== expected) throw new Error(`${key}: ${seen}\n  instead of ${expected ?? 'nothing more'}`);
    this.#next++;
    this.#moves.records++;
  }

  /** Between two records, or two batches. */
  moves(): void {
    const isLast = this.#next === this.#printed.lines.length;
    if (this.#left === 0) {
      if (isLast && this.#leading) this.covered = true;
      return;
    }
    if (!isLast && !this.#dice.chance(1 / 40)) return;
    this.#left--;
    if (this.#left === 0) this.#seekTo(0, 'inside');
    else if (isLast || this.#dice.chance(0.5)) this.#seek('inside');
    else if (this.#dice.chance(0.5)) this.#later(() => this.#seek('outside'));
    else this.#pause();
    this.#goesThrough();
  }

  #goesThrough(): void {
    this.#leading = this.#left === 0;
  }

  #seek(from: 'inside' | 'outside'): void {
    const { offsets } = this.#printed;
    const last = offsets.at(-1) ?? 0;
    const near = (offsets[this.#next] ?? last) + this.#dice.below(60) - 30;
    const to = this.#dice.chance(0.1)
      ? 'earliest'
      : this.#dice.chance(0.5)
        ? Math.min(Math.max(0, near), last)
        : this.#dice.below(last + 1);
    this.#seekTo(to, from);
  }

  #seekTo(to: number | 'earliest', from: 'inside' | 'outside'): void {
    const { offsets } = this.#printed;
    const found = offsets.findIndex((offset) => offset >= (to === 'earliest' ? 0 : to));
    this.#next = found < 0 ? offsets.length : found;
    this.#moves[from === 'inside' ? 'seeksInside' : 'seeksOutside']++;
    this.#partition.seek(to === 'earliest' ? to : { offset: to });
  }

  /** Once the moves are over nothing disturbs any more. */
  #later(act: () => void): void {
    setTimeout(() => {
      if (this.#left > 0) act();
    }, this.#dice.below(LATER));
  }

  /** A pause, and perhaps a seek while it lasts. */
  #pause(): void {
    const pause = this.#partition.pause();
    this.#paused++;
    this.#moves.pauses++;
    if (this.#dice.chance(0.3)) this.#seek('inside');
    setTimeout(() => {
      this.#paused--;
      pause.unsubscribe();
    }, this.#dice.below(LATER));
  }
}
