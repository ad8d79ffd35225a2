import { Dice, seeded } from '../../simulation/lives/dice.ts';
import { fetchApi } from '../../src/protocol/apis/fetch.ts';
import { answerOf, type Contained } from './answers.ts';
import type { Template } from './corpus.ts';
import { damagedFrame } from './damage.ts';
import { frameOf } from './draft.ts';

/** A frame as it comes over the wire, without its length. */
export interface Frame {
  readonly version: number;
  readonly bytes: Buffer;
  /** Where the chunks end in which it comes, in ascending order; the last is its length. */
  readonly ends: readonly number[];
  /** What is in it, where nothing is wrong with it. */
  readonly contained: Contained | undefined;
}

const CORRELATION_ID = 5;

/** The chance of one frame: the same for the same seed and number, whatever came before. */
export function diceOf(seed: number, number: number): Dice {
  const dice = new Dice(seeded(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b)));
  dice.random();
  return dice;
}

/** The frame with that number: one in twenty is as it should be. */
export function decodingFrame(corpus: readonly Template[], seed: number, number: number): Frame {
  const dice = diceOf(seed, number);
  const version = dice.int(...fetchApi.versions);
  const { draft, contained } = answerOf(corpus, dice);
  const isGood = dice.chance(0.05);
  const bytes = isGood ? frameOf(draft, version, CORRELATION_ID) : damagedFrame(draft, version, CORRELATION_ID, dice);
  return { version, bytes, ends: cuts(bytes.length, dice), contained: isGood ? contained : undefined };
}

function cuts(length: number, dice: Dice): readonly number[] {
  if (dice.chance(0.5)) return [length];
  if (length > 0 && length < 200 && dice.chance(0.2)) return Array.from({ length }, (_, index) => index + 1);
  const places = Array.from({ length: dice.int(1, 8) }, () => dice.int(0, length));
  return [...places, length].toSorted((a, b) => a - b);
}
