import type { Dice } from '../../simulation/lives/dice.ts';

/** Numbers at which decoders break: borders of types, of what JavaScript holds, and what lies close to what is true. */
export function nastyInt32(dice: Dice, truth = 0): number {
  const near = truth + dice.int(-3, 3);
  const some = [
    0,
    -1,
    1,
    -2,
    0x7fffffff,
    -0x80000000,
    0x7ffffff0,
    0x40000000,
    0x10000000,
    0x7fff,
    0x8000,
    0xffff,
    near,
    truth * 2,
    dice.int(0, 300),
  ];
  return some[dice.int(0, some.length - 1)] ?? 0;
}

const int64s: readonly bigint[] = [
  ...[0n, -1n, 1n, 2n ** 31n, 2n ** 32n, 2n ** 40n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n), 1n - 2n ** 53n, -(2n ** 40n)],
];

export function nastyInt64(dice: Dice, truth = 0n): bigint {
  if (dice.chance(0.4)) return truth + BigInt(dice.int(-5, 5));
  return int64s[dice.int(0, int64s.length - 1)] ?? 0n;
}

/** Bytes of an unsigned varint: of a number that lies, too long, without an end. */
export function nastyUvarint(dice: Dice, truth = 0): Buffer {
  const kind = dice.int(0, 9);
  if (kind === 0) return Buffer.alloc(dice.int(5, 11), 0xff);
  if (kind === 1) return Buffer.concat([Buffer.alloc(dice.int(1, 9), 0x80), Buffer.from([0])]);
  return uvarint(nastyInt32(dice, truth) >>> 0);
}

/** The same with a zigzag number: as they stand in records. */
export function nastyVarint(dice: Dice): Buffer {
  if (dice.chance(0.2)) return nastyUvarint(dice);
  const value = nastyInt32(dice) | 0;
  return uvarint(((value << 1) ^ (value >> 31)) >>> 0);
}

function uvarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

export function spliced(bytes: Buffer, at: number, end: number, middle: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(end)]);
}

/** Changes without any idea of what the bytes mean. */
export function blindly(bytes: Buffer, dice: Dice): Buffer {
  const at = dice.int(0, Math.max(0, bytes.length - 1));
  const length = Math.min(bytes.length - at, dice.pick(1, 1, 2, 4, 8, dice.int(1, 200)));
  switch (dice.int(0, 5)) {
    case 0:
      return changed(bytes, at, (byte) => byte ^ (1 << dice.int(0, 7)));
    case 1:
      return changed(bytes, at, () => dice.pick(0, 1, 0x7f, 0x80, 0xfe, 0xff, dice.int(0, 255)));
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return spliced(bytes, at, at, Buffer.from(Array.from({ length: dice.pick(1, 2, 4, dice.int(1, 80)) }, () => dice.int(0, 255))));
    case 4:
      return spliced(bytes, at, at + length, Buffer.alloc(0));
    default:
      return spliced(bytes, at, at, bytes.subarray(at, at + length)); // said twice
  }
}

function changed(bytes: Buffer, at: number, change: (byte: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  if (at < copy.length) copy[at] = change(copy[at] ?? 0);
  return copy;
}
