import type { Dice } from '../../simulation/lives/dice.ts';
import { fetchApiAll } from '../../src/protocol/apis/forTesting.ts';
import { decodeResponse } from '../../src/protocol/header.ts';
import { damagedFrame } from './damage.ts';
import { draftOf } from './draft.ts';

/** Damages some answers on their way, and cuts all into chunks. */
export class Saboteur {
  /** How many answers are still to be damaged. */
  left: number;
  private passing: number;
  private readonly dice: Dice;

  constructor(dice: Dice) {
    this.dice = dice;
    this.left = dice.pick(1, 2, 4, 8);
    this.passing = dice.pick(0, 0, 1, 2);
  }

  /** The next answer is to be damaged. */
  strikes(): boolean {
    if (this.left === 0 || this.passing-- > 0) return false;
    this.left--;
    return true;
  }

  damaged(frame: Buffer, version: number): Buffer {
    const draft = draftOf(decodeResponse(fetchApiAll, version, frame));
    return damagedFrame(draft, version, frame.readInt32BE(0), this.dice);
  }

  /** As it comes over the wire, behind its length, which may lie as well. */
  chunks(frame: Buffer, isStruck: boolean): readonly Buffer[] {
    const { dice } = this;
    const length = Buffer.alloc(4);
    length.writeInt32BE(frame.length);
    if (isStruck && dice.chance(0.03)) length.writeInt32BE(dice.pick(-1, 0, 3, 2 ** 31 - 1, 2 ** 27, frame.length - 1, frame.length + 1));
    const bytes = Buffer.concat([length, frame]);
    if (dice.chance(0.6)) return [bytes];
    const ends = Array.from({ length: dice.int(1, 5) }, () => dice.int(0, bytes.length)).toSorted((a, b) => a - b);
    return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)).filter((chunk) => chunk.length > 0);
  }
}
