import type { Dice } from '../../simulation/lives/dice.ts';
import { crc32c } from '../../src/protocol/crc32c.ts';
import { compressions, inflate } from '../../src/protocol/compression.ts';
import { deflate } from './codecs.ts';
import { blindly, nastyInt32, nastyInt64, nastyVarint, spliced } from './nasty.ts';

/** Where the fields of a batch stand, each with its size. */
const fields = {
  baseOffset: [0, 8],
  batchLength: [8, 4],
  leaderEpoch: [12, 4],
  magic: [16, 1],
  crc: [17, 4],
  attributes: [21, 2],
  lastOffsetDelta: [23, 4],
  baseTimestamp: [27, 8],
  maxTimestamp: [35, 8],
  producerId: [43, 8],
  producerEpoch: [51, 2],
  baseSequence: [53, 4],
  recordCount: [57, 4],
} as const;

const names = Object.keys(fields) as (keyof typeof fields)[];
const HEADER = 61;
const PREFIX = 12;

/** A batch with something wrong; with the right checksum in half of the cases, so that the damage goes deeper. */
export function damagedBatch(batch: Buffer, dice: Dice): Buffer {
  if (batch.length < HEADER) return blindly(batch, dice);
  let damaged = batch;
  for (let left = dice.pick(1, 1, 1, 2, 3); left > 0; left--) {
    if (damaged.length < HEADER) break;
    const kind = dice.random();
    if (kind < 0.45) damaged = withField(damaged, dice);
    else if (kind < 0.75) damaged = withRecords(damaged, dice);
    else damaged = lengthened(Buffer.concat([damaged.subarray(0, HEADER), blindly(damaged.subarray(HEADER), dice)]), dice);
  }
  return dice.chance(0.5) ? withCrc(damaged) : damaged;
}

/** With the right checksum, where it has a place for one. A copy. */
function withCrc(batch: Buffer): Buffer {
  if (batch.length < HEADER) return batch;
  const copy = Buffer.from(batch);
  copy.writeUInt32BE(crc32c(copy.subarray(21)), 17);
  return copy;
}

function withField(batch: Buffer, dice: Dice): Buffer {
  const name = names[dice.int(0, names.length - 1)] ?? 'attributes';
  const [at, size] = fields[name];
  const copy = Buffer.from(batch);
  if (name === 'attributes')
    copy.writeInt16BE(copy.readInt16BE(at) ^ dice.pick(1, 2, 3, 4, 5, 7, 8, 0x10, 0x20, 0x40, 1 << dice.int(7, 14)), at);
  else if (name === 'magic') copy.writeInt8(dice.pick(-1, 0, 1, 3, 127), at);
  else if (size === 8) copy.writeBigInt64BE(BigInt.asIntN(64, nastyInt64(dice, copy.readBigInt64BE(at))), at);
  else if (size === 2) copy.writeInt16BE((nastyInt32(dice) << 16) >> 16, at);
  else copy.writeInt32BE(nastyInt32(dice, copy.readInt32BE(at)) | 0, at);
  return copy;
}

/** Something is wrong with a length, a delta or a count of a record. */
function withRecords(batch: Buffer, dice: Dice): Buffer {
  const codec = batch.readInt16BE(21) & 7;
  const plain = plainOf(batch, codec);
  if (plain === undefined) return blindly(batch, dice);
  const spots = recordSpots(plain);
  const spot = spots[dice.int(0, Math.max(0, spots.length - 1))];
  const changed = spot === undefined || dice.chance(0.2) ? blindly(plain, dice) : spliced(plain, spot.at, spot.end, nastyVarint(dice));
  return lengthened(Buffer.concat([batch.subarray(0, HEADER), deflate(codec, changed, dice.chance(0.5))]), dice);
}

function plainOf(batch: Buffer, codec: number): Buffer | undefined {
  try {
    const plain = inflate(compressions[codec] ?? 'none', batch.subarray(HEADER));
    return plain.length > 1_000_000 ? undefined : plain;
  } catch {
    return undefined; // it is damaged already
  }
}

/** Mostly its length is what it is by now. */
function lengthened(batch: Buffer, dice: Dice): Buffer {
  if (dice.chance(0.85)) batch.writeInt32BE(batch.length - PREFIX, 8);
  return batch;
}

interface Varint {
  readonly at: number;
  readonly end: number;
}

/** Where the varints of some records stand, as far as they make sense. */
function recordSpots(body: Buffer): readonly Varint[] {
  const spots: Varint[] = [];
  let at = 0;
  const varint = (): number => {
    const from = at;
    let value = 0;
    for (let shift = 0; at < body.length && at - from < 10; shift += 7) {
      const byte = body[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    spots.push({ at: from, end: at });
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  };
  const sized = (): void => {
    const length = varint(); // first: it moves `at`
    at += Math.max(0, length);
  };
  while (at < body.length && spots.length < 400) {
    varint(); // length
    at++; // attributes
    varint(); // timestamp
    varint(); // offset
    sized(); // key
    sized(); // value
    for (let left = varint(); left > 0 && at < body.length; left--) {
      sized();
      sized();
    }
  }
  return spots;
}
