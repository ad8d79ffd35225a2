import { randomInt } from 'node:crypto';

/** A number from 0 up to 1: chance where none is given. */
export function chance(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}
