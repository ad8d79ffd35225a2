import { Dice, seeded } from '../../simulation/lives/dice.ts';
import { compressions } from '../../src/protocol/compression.ts';
import { encodeBatch, encodeControlBatch, withCrc, type NewBatch, type NewRecord } from '../../src/protocol/encodeBatch.ts';
import { deflate, zstdRecords } from './codecs.ts';

/** A batch as a broker keeps it; its place in the log is not covered by its checksum. */
export interface Template {
  readonly bytes: Buffer;
  /** Offsets that it spans. */
  readonly span: number;
  readonly records: number;
  /** Of all keys and values. */
  readonly valueBytes: number;
  readonly codec: number;
  readonly isControl: boolean;
}

const SIZE = 72;
const TIME = 1_700_000_000_000;

/** Batches of all kinds, made once for a seed: in five codecs, transactional, markers, with holes, empty, large. */
export function corpusOf(seed: number): readonly Template[] {
  const dice = new Dice(seeded(seed));
  return Array.from({ length: SIZE }, (_, index) => {
    if (index % 12 === 0) return marker(dice);
    if (index % 12 === 1) return zstdBatch(dice);
    return batchOf(dice, index % 5);
  });
}

function batchOf(dice: Dice, codec: number): Template {
  const records = recordsOf(dice);
  const last = records.at(-1)?.offsetDelta ?? -1;
  const lastOffsetDelta = dice.chance(0.3) ? last + dice.int(1, 50) : Math.max(0, last);
  const compression = compressions[codec] ?? 'none';
  const other = dice.chance(0.5);
  const bytes = encodeBatch(records, { ...wordsOf(dice), lastOffsetDelta, compression, deflate: (body) => deflate(codec, body, other) });
  return { bytes, span: lastOffsetDelta + 1, records: records.length, valueBytes: bytesOf(records), codec, isControl: false };
}

function wordsOf(dice: Dice): NewBatch {
  const isTransactional = dice.chance(0.3);
  return {
    baseTimestamp: TIME,
    isTransactional,
    ...((isTransactional || dice.chance(0.3)) && {
      producerId: dice.int(0, 5),
      producerEpoch: dice.int(0, 3),
      baseSequence: dice.int(0, 1000),
    }),
    timestampType: dice.pick('CreateTime', 'CreateTime', 'LogAppendTime'),
    hasDeleteHorizon: dice.chance(0.1),
  };
}

/** With holes, as compaction leaves them; none where it took all. */
function recordsOf(dice: Dice): readonly NewRecord[] {
  const count = dice.pick(0, 1, 1, 2, 5, 12, 60);
  const large = count <= 2 && dice.chance(0.1);
  let next = dice.chance(0.2) ? dice.int(0, 9) : -1;
  return Array.from({ length: count }, (_, index) => ({
    offsetDelta: (next += dice.chance(0.8) ? 1 : dice.int(1, 900)),
    timestamp: TIME + index * dice.int(0, 1000) - dice.int(0, 50),
    key: dice.chance(0.3) ? null : Buffer.from(`key ${dice.int(0, 9)}`),
    value: dice.chance(0.1) ? null : Buffer.alloc(large ? 40_000 : dice.int(0, 120), `value ${dice.int(0, 99)} `),
    headers: Array.from(
      { length: dice.pick(0, 0, 0, 1, 3) },
      (__, nth) => [`h${nth}`, dice.chance(0.2) ? null : Buffer.from('x')] as const,
    ),
  }));
}

function bytesOf(records: readonly NewRecord[]): number {
  return records.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0);
}

function marker(dice: Dice): Template {
  const bytes = encodeControlBatch(dice.pick('abort', 'commit'), { producerId: dice.int(0, 5), producerEpoch: 0, baseTimestamp: TIME });
  return { bytes, span: 1, records: 1, valueBytes: 10, codec: 0, isControl: true };
}

/** Records that zstd itself has compressed. */
function zstdBatch(dice: Dice): Template {
  const { count, body } = zstdRecords;
  const bytes = encodeBatch([], { ...wordsOf(dice), lastOffsetDelta: count - 1, compression: 'zstd', deflate: () => body });
  bytes.writeInt32BE(count, 57);
  return { bytes: withCrc(bytes), span: count, records: count, valueBytes: -1, codec: 4, isControl: false };
}
