import type { Dice } from '../../simulation/lives/dice.ts';
import { crc32c } from '../../src/protocol/crc32c.ts';
import type { PartitionData } from '../../src/protocol/apis/fetch.ts';
import { damagedBatch } from './batchDamage.ts';
import { frameOf, type Draft, type DraftPartition, type DraftTopic } from './draft.ts';
import { blindly, nastyInt32, nastyInt64, nastyUvarint, spliced } from './nasty.ts';
import { structureOf, type Spot } from './spots.ts';

/** The frame of an answer in which something is wrong: in what it says, in the order of its batches, inside of them, or in any of its bytes. */
export function damagedFrame(draft: Draft, version: number, correlationId: number, dice: Dice): Buffer {
  let inBytes = 0;
  const repaired = dice.chance(0.5);
  for (let left = dice.pick(1, 1, 1, 2, 2, 3, 4); left > 0; left--) {
    const kind = dice.random();
    if (kind < 0.2) changeWords(draft, dice);
    else if (kind < 0.35) changeOrder(draft, dice);
    else if (kind < 0.7) changeBatch(draft, dice);
    else inBytes++;
  }
  let frame = frameOf(draft, version, correlationId);
  for (let left = inBytes; left > 0; left--) frame = dice.chance(0.6) ? atSpot(frame, version, dice) : blindly(frame, dice);
  // Who asked is told by the first four bytes: what has others belongs to nobody.
  if (frame.length >= 4) {
    frame = Buffer.from(frame);
    frame.writeInt32BE(correlationId, 0);
  }
  return inBytes > 0 && repaired ? withCrcs(frame) : frame;
}

function partitionsOf({ topics }: Draft): readonly DraftPartition[] {
  return topics.flatMap(({ partitions }) => partitions);
}

function some<T>(all: readonly T[], dice: Dice): T | undefined {
  return all[dice.int(0, all.length - 1)];
}

function changeBatch(draft: Draft, dice: Dice): void {
  const partition = some(
    partitionsOf(draft).filter(({ batches }) => batches.length > 0),
    dice,
  );
  if (partition === undefined) return;
  const index = dice.int(0, partition.batches.length - 1);
  partition.batches[index] = damagedBatch(partition.batches[index] ?? Buffer.alloc(0), dice);
}

/** Batches out of order, twice, away, cut, followed by nonsense; partitions and topics twice. */
function changeOrder(draft: Draft, dice: Dice): void {
  const topic = some(draft.topics, dice);
  const partition = some(topic?.partitions ?? [], dice);
  if (topic === undefined || partition === undefined) return;
  const { batches } = partition;
  const index = dice.int(0, Math.max(0, batches.length - 1));
  const batch = batches[index] ?? Buffer.alloc(0);
  const changes: readonly (() => unknown)[] = [
    () => batches.reverse(),
    () => batches.splice(index, 0, batch),
    () => batches.splice(index, 1),
    () => (batches[index] = batch.subarray(0, dice.int(0, batch.length))),
    () => batches.push(Buffer.alloc(dice.int(1, 100), dice.pick(0, 1, 2, 0xff))),
    () => topic.partitions.push(copyOf(partition)),
    () => draft.topics.push({ ...topic, partitions: topic.partitions.map(copyOf) }),
    () => some(partitionsOf(draft), dice)?.batches.push(...batches),
    () => (topic.partitions.length = dice.int(0, topic.partitions.length)),
  ];
  some(changes, dice)?.();
}

function copyOf({ data, batches }: DraftPartition): DraftPartition {
  return { data, batches: [...batches] };
}

const wrongNames = ['', 'other', '\u0000', 'x'.repeat(300)];

/** What it says is not what is true: errors, offsets, transactions, names, tags. */
function changeWords(draft: Draft, dice: Dice): void {
  const topic = some(draft.topics, dice);
  const partition = some(topic?.partitions ?? [], dice);
  if (topic === undefined || partition === undefined || dice.chance(0.15)) changeHead(draft, dice);
  else if (dice.chance(0.15)) changeName(topic, dice);
  else partition.data = { ...partition.data, ...said(partition.data, dice) };
}

function changeHead(draft: Draft, dice: Dice): void {
  const { head } = draft;
  const errorCode = dice.pick(0, -1, 1, 6, 9, 60, 70, 71, 106, dice.int(-40, 200));
  draft.head = dice.pick(
    { ...head, errorCode },
    { ...head, sessionId: nastyInt32(dice, head.sessionId) | 0 },
    { ...head, throttleTimeMs: dice.pick(-1, 1, 250, -0x80000000, dice.int(0, 20_000)) },
    { ...head, nodeEndpoints: [{ nodeId: dice.int(-1, 4), host: dice.pick('', 'b1', 'nowhere'), port: nastyInt32(dice) | 0, rack: null }] },
  );
}

function changeName(topic: DraftTopic, dice: Dice): void {
  topic.topic = some(wrongNames, dice) ?? '';
  topic.topicId = dice.pick('0'.repeat(32), 'f'.repeat(32), dice.int(1, 9).toString(16).padStart(32, '0'));
}

function said(data: DraftPartition['data'], dice: Dice): Partial<PartitionData> {
  const offset = (truth: number): number => Number(BigInt.asIntN(53, nastyInt64(dice, BigInt(truth))));
  const epoch = dice.pick(-1, 0, 1, 5, 0x7fffffff);
  return (
    some<Partial<PartitionData>>(
      [
        { partitionIndex: dice.pick(0, 1, 2, -1, nastyInt32(dice, data.partitionIndex) | 0) },
        { errorCode: dice.pick(-1, 1, 2, 3, 5, 6, 9, 29, 56, 74, 75, 76, 78, 100, 103, dice.int(-40, 200)) },
        { highWatermark: offset(data.highWatermark), lastStableOffset: offset(data.lastStableOffset) },
        { logStartOffset: offset(data.logStartOffset) },
        { abortedTransactions: dice.chance(0.3) ? null : aborted(dice) },
        { preferredReadReplica: dice.int(-1, 4) },
        { divergingEpoch: { epoch, endOffset: offset(0) } },
        { currentLeader: { leaderId: dice.int(-1, 4), leaderEpoch: epoch } },
        { snapshotId: { endOffset: offset(0), epoch } },
      ],
      dice,
    ) ?? {}
  );
}

function aborted(dice: Dice): PartitionData['abortedTransactions'] {
  return Array.from({ length: dice.pick(0, 1, 2, 5, 50) }, () => ({ producerId: dice.int(-1, 8), firstOffset: dice.int(-1, 60) }));
}

/** A field of the answer, its lengths and counts above all, says what it should not. */
function atSpot(frame: Buffer, version: number, dice: Dice): Buffer {
  const { spots } = structureOf(frame, version);
  const spot = spots[dice.int(0, Math.max(0, spots.length - 1))];
  return spot === undefined ? blindly(frame, dice) : spliced(frame, spot.at, spot.end, wrong(frame, spot, dice));
}

function wrong(frame: Buffer, { at, end, kind }: Spot, dice: Dice): Buffer {
  if (kind === 'uvarint') return nastyUvarint(dice, frame[at]);
  if (kind === 'bytes') return blindly(frame.subarray(at, end), dice);
  const bytes = Buffer.alloc(end - at);
  if (kind === 'int64') bytes.writeBigInt64BE(BigInt.asIntN(64, nastyInt64(dice, frame.readBigInt64BE(at))));
  else if (kind === 'int32') bytes.writeInt32BE(nastyInt32(dice, frame.readInt32BE(at)) | 0);
  else bytes.writeInt16BE((nastyInt32(dice, frame.readInt16BE(at)) << 16) >> 16);
  return bytes;
}

const MAGIC_AT = 16;
const HEADER = 61;

/** Whatever looks like a batch has the right checksum. Changes it in place. */
function withCrcs(frame: Buffer): Buffer {
  for (let at = frame.indexOf(2, MAGIC_AT); at >= 0 && at <= frame.length; at = frame.indexOf(2, at + 1)) {
    const from = at - MAGIC_AT;
    if (from + HEADER > frame.length) break;
    const end = from + 12 + frame.readInt32BE(from + 8);
    if (end < from + HEADER || end > frame.length || frame.readInt8(from) !== 0) continue;
    frame.writeUInt32BE(crc32c(frame.subarray(from + 21, end)), from + 17);
  }
  return frame;
}
