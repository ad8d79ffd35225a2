import type { EpochEndOffset } from '../protocol/apis/fetch.ts';

/** Records from `start` on were written in that epoch. */
interface Reign {
  readonly epoch: number;
  readonly start: number;
}

/**
 * Which leader epoch wrote which part of what was read of a log (KIP-101, KIP-320). With it a broker can be asked whether its log is the one that was
 * read, and where the two part.
 *
 * It says what is true of the log and not where the reader stands, so it is not touched by what is dropped and fetched again.
 */
export class Lineage {
  /** Ascending in both. */
  private reigns: Reign[] = [];

  /** Begins anew: the record before `offset` was written in that epoch; -1: not known. */
  begin(epoch: number, offset: number): void {
    this.reigns = epoch < 0 ? [] : [{ epoch, start: offset - 1 }];
  }

  /** What is read now begins there, and is of that epoch; -1: not known. What was read there before does not count: it may have been another log. */
  note(epoch: number, start: number): void {
    this.cut(start);
    const last = this.reigns.at(-1);
    if (epoch < 0 || (last !== undefined && last.epoch >= epoch)) return;
    this.reigns.push({ epoch, start });
  }

  /** Nothing is known any more of what lies there and behind. */
  cut(from: number): void {
    while ((this.reigns.at(-1)?.start ?? -Infinity) >= from) this.reigns.pop();
  }

  /** The epoch that wrote the record before that offset; -1: not known. */
  before(offset: number): number {
    for (let index = this.reigns.length - 1; index >= 0; index--) {
      const reign = this.reigns[index];
      if (reign !== undefined && reign.start < offset) return reign.epoch;
    }
    return -1;
  }

  /**
   * The first offset at which a log differs from what was read, where it has that epoch, the highest that both may share, up to `endOffset`. What was
   * read of later epochs is not in it, even below that offset.
   */
  partsAt({ epoch, endOffset }: EpochEndOffset): number {
    const later = this.reigns.find((reign) => reign.epoch > epoch);
    return later === undefined ? endOffset : Math.max(0, Math.min(endOffset, later.start));
  }
}
