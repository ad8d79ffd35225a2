import type { NewRecord } from '../../../../src/protocol/encodeBatch.ts';
import { SEGMENT_MS, type LogTopic } from './plan.ts';
import type { Dice } from './dice.ts';

const letters = Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 äß€');

/** The timestamps of a log: they go on slowly, and now and then by more than a segment may hold. */
export class LogClock {
  #now = Date.now();

  next(dice: Dice): number {
    this.#now += dice.chance(1 / 60) ? SEGMENT_MS + 100 : dice.below(4);
    return this.#now;
  }
}

/** The records of one batch: of all sizes, with keys that come again, tombstones, headers, and timestamps in any order. */
export function randomRecords(dice: Dice, { isCompacted }: LogTopic, timestamp: number): readonly NewRecord[] {
  const length = dice.chance(0.4) ? 1 : dice.chance(0.85) ? 2 + dice.below(7) : 9 + dice.below(50);
  return Array.from({ length }, () => ({
    timestamp: timestamp + dice.below(50) - 25,
    key: keyOf(dice, isCompacted),
    value: valueOf(dice, isCompacted),
    headers: dice.chance(0.7) ? [] : Array.from({ length: 1 + dice.below(3) }, () => [`h${dice.below(3)}`, headerOf(dice)] as const),
  }));
}

/** A compacted topic takes no record without a key. Some keys come often, so that later batches take everything from earlier ones. */
function keyOf(dice: Dice, isCompacted: boolean): Buffer | null {
  if (!isCompacted && dice.chance(0.2)) return null;
  return Buffer.from(dice.chance(0.9) ? `hot${dice.below(60)}` : `k${dice.below(3_000)}`);
}

function valueOf(dice: Dice, isCompacted: boolean): Buffer | null {
  if (dice.chance(isCompacted ? 0.15 : 0.03)) return null;
  if (dice.chance(0.003)) return text(dice, 30_000 + dice.below(60_000));
  return text(dice, dice.chance(0.02) ? dice.below(4_000) : dice.below(120));
}

function headerOf(dice: Dice): Buffer | null {
  return dice.chance(0.2) ? null : text(dice, dice.below(12));
}

function text(dice: Dice, length: number): Buffer {
  const piece = Array.from({ length: Math.min(length, 100) }, () => letters[dice.below(letters.length)]).join('');
  return Buffer.from(piece.repeat(Math.ceil(length / 100)));
}
