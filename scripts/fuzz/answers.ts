import type { Dice } from '../../simulation/lives/dice.ts';
import type { AbortedTransaction } from '../../src/protocol/apis/fetch.ts';
import type { Template } from './corpus.ts';
import type { Draft, DraftPartition } from './draft.ts';

/** What is in an answer, to see whether it comes out of it. */
export interface Contained {
  partitions: number;
  batches: number;
  /** Of batches that are no markers. */
  records: number;
  /** Of their keys and values. */
  valueBytes: number;
}

/** An answer as brokers write them, of batches of the corpus. */
export function answerOf(corpus: readonly Template[], dice: Dice): { readonly draft: Draft; readonly contained: Contained } {
  const contained: Contained = { partitions: 0, batches: 0, records: 0, valueBytes: 0 };
  const topics = Array.from({ length: dice.pick(0, 1, 1, 1, 2) }, (_, index) => ({
    topic: `topic-${index}`,
    topicId: (index + 1).toString(16).padStart(32, '0'),
    partitions: Array.from({ length: dice.pick(0, 1, 1, 2, 3) }, (__, partition) => partitionOf(partition, corpus, dice, contained)),
  }));
  const head = {
    throttleTimeMs: dice.pick(0, 0, 0, dice.int(1, 900)),
    errorCode: dice.pick(0, 0, 0, 0, 70),
    sessionId: dice.pick(0, dice.int(1, 9999)),
  };
  const nodeEndpoints = dice.chance(0.1) ? [{ nodeId: 2, host: 'b2', port: 9092, rack: dice.pick(null, 'r2') }] : [];
  return { draft: { head: { ...head, nodeEndpoints }, topics }, contained };
}

const NOWHERE = { epoch: -1, endOffset: -1 };
const NOBODY = { leaderId: -1, leaderEpoch: -1 };

function partitionOf(partitionIndex: number, corpus: readonly Template[], dice: Dice, contained: Contained): DraftPartition {
  contained.partitions++;
  const kind = dice.random();
  const failed = kind < 0.1;
  const tagged = kind < 0.2;
  const batches = tagged ? [] : batchesOf(corpus, dice, contained);
  const end = failed ? -1 : 10_000;
  return {
    data: {
      partitionIndex,
      errorCode: failed ? dice.pick(1, 3, 6, 74, 75) : 0,
      highWatermark: end,
      lastStableOffset: end,
      logStartOffset: failed ? -1 : 0,
      abortedTransactions: dice.chance(0.5) ? null : abortedOf(dice),
      preferredReadReplica: dice.pick(-1, -1, -1, 2),
      divergingEpoch: tagged && !failed && dice.chance(0.5) ? { epoch: 1, endOffset: dice.int(0, 99) } : NOWHERE,
      currentLeader: tagged && dice.chance(0.5) ? { leaderId: 2, leaderEpoch: 7 } : NOBODY,
      snapshotId: NOWHERE,
    },
    batches,
  };
}

function abortedOf(dice: Dice): readonly AbortedTransaction[] {
  return Array.from({ length: dice.pick(0, 1, 3) }, () => ({ producerId: dice.int(0, 5), firstOffset: dice.int(0, 200) }));
}

/** One behind another, with holes between some; the last may be cut. */
function batchesOf(corpus: readonly Template[], dice: Dice, contained: Contained): Buffer[] {
  const batches: Buffer[] = [];
  let offset = dice.pick(0, dice.int(0, 500), 2 ** 40);
  for (let left = dice.pick(0, 1, 1, 2, 3, 6); left > 0; left--) {
    const template = corpus[dice.int(0, corpus.length - 1)];
    if (template === undefined) continue;
    const bytes = Buffer.from(template.bytes);
    bytes.writeBigInt64BE(BigInt(offset), 0);
    bytes.writeInt32BE(dice.int(0, 4), 12);
    offset += template.span + (dice.chance(0.2) ? dice.int(1, 100) : 0);
    if (batches.length > 0 && left === 1 && dice.chance(0.3)) batches.push(bytes.subarray(0, dice.int(1, bytes.length - 1)));
    else {
      batches.push(bytes);
      contained.batches++;
      if (template.isControl) continue;
      contained.records += template.records;
      contained.valueBytes += template.valueBytes < 0 ? NaN : template.valueBytes;
    }
  }
  return batches;
}
