import { describe, expect, it } from 'vitest';
import { encodeBatch } from '../../../../src/protocol/encodeBatch.ts';
import { splitBatches } from '../../../../src/protocol/splitBatches.ts';
import { PartitionLog } from '../../../../src/testing/model/log/partitionLog.ts';
import { offsetsIn } from '../fetch/broker.ts';

const all = { maxBytes: 1_000_000, upTo: Infinity, atLeastOne: true };

function records(count: number, from = 0): readonly { value: Buffer }[] {
  return Array.from({ length: count }, (_, i) => ({ value: Buffer.from(String(from + i)) }));
}

function logOf(...batches: readonly number[]): PartitionLog {
  const log = new PartitionLog();
  for (const count of batches) log.append(records(count, log.end));
  return log;
}

function transactional(producerId: number): { isTransactional: true; producerId: number; producerEpoch: number } {
  return { isTransactional: true, producerId, producerEpoch: 0 };
}

function told(log: PartitionLog): readonly string[] {
  return [...log.entries()].map(
    ({ offset, value, deliverable }) => `${String(offset)} ${deliverable === 'control' ? '' : String(value)} ${deliverable}`,
  );
}

describe('append', () => {
  it('puts batches one behind another, each at the end', () => {
    const log = new PartitionLog();
    expect([log.append(records(3)), log.append(records(2)), log.end]).toEqual([0, 3, 5]);
    expect(offsetsIn(log.read(0, all))).toEqual([0, 1, 2, 3, 4]);
  });

  it('gives a batch of a producer its place and epoch, and its CRC stays good', () => {
    const log = logOf(3);
    const sent = encodeBatch(records(2), { producerId: 7, producerEpoch: 0, baseSequence: 0 });
    const before = Buffer.from(sent);
    expect(log.appendBatch(sent, 4)).toBe(3);
    const [, batch] = splitBatches(log.read(0, all)).batches;
    expect([batch?.baseOffset, batch?.leaderEpoch, batch?.crcIsGood(), batch?.producerId]).toEqual([3, 4, true, 7]);
    expect(sent).toEqual(before);
  });

  it('writes on in the last epoch if it is told none', () => {
    const log = new PartitionLog();
    log.append(records(1), { leaderEpoch: 3 });
    log.append(records(1));
    expect(splitBatches(log.read(1, all)).batches[0]?.leaderEpoch).toBe(3);
  });
});

describe('read', () => {
  const size = logOf(2).read(0, all).length;

  it('begins with the batch that holds the offset', () => expect(offsetsIn(logOf(2, 2, 2).read(3, all))).toEqual([2, 3, 4, 5]));

  it('finds the batch among many', () => {
    const log = logOf(...Array.from({ length: 500 }, () => 2));
    for (const offset of [0, 1, 2, 499, 500, 777, 998, 999]) expect(offsetsIn(log.read(offset, all))[0]).toBe(offset - (offset % 2));
    expect(log.read(1_000, all)).toHaveLength(0);
  });

  it('cuts where the bytes end, so that the last batch may not be whole', () => {
    const read = logOf(2, 2, 2).read(0, { ...all, maxBytes: size * 2 + 10 });
    expect(read).toHaveLength(size * 2 + 10);
    expect(offsetsIn(read)).toEqual([0, 1, 2, 3]);
  });

  it('gives the first batch whole, whatever its size, if it has to give something', () => {
    expect(offsetsIn(logOf(2, 2).read(0, { ...all, maxBytes: 1 }))).toEqual([0, 1]);
  });

  it('gives nothing if the first batch does not fit', () => {
    expect(logOf(2, 2).read(0, { ...all, maxBytes: size - 1, atLeastOne: false })).toHaveLength(0);
  });

  it('ends before the offset that is the limit, also where that lies in a batch', () => {
    expect(offsetsIn(logOf(2, 2, 2).read(0, { ...all, upTo: 4 }))).toEqual([0, 1, 2, 3]);
    expect(offsetsIn(logOf(2, 2, 2).read(0, { ...all, upTo: 5 }))).toEqual([0, 1, 2, 3]);
    expect(logOf(2, 2).read(2, { ...all, upTo: 2 })).toHaveLength(0);
    expect(logOf(2, 2).read(2, { maxBytes: 1, upTo: 2, atLeastOne: true })).toHaveLength(0);
  });

  it('keeps the high watermark at the end, unless a script holds it back', () => {
    const log = logOf(2);
    log.highWatermark = 1;
    log.append(records(2));
    expect(log.highWatermark).toBe(1);
    log.highWatermark = Infinity;
    expect(log.highWatermark).toBe(4);
  });
});

describe('transactions', () => {
  it('hold the last stable offset at the first that is open', () => {
    const log = logOf(2);
    log.append(records(1), transactional(7));
    log.append(records(1), transactional(8));
    expect([log.lastStableOffset, [...log.openTransactions]]).toEqual([
      2,
      [
        [7, 2],
        [8, 3],
      ],
    ]);
    log.endTransaction(7, 0, 'commit', 0, 0);
    expect([log.lastStableOffset, log.end]).toEqual([3, 5]);
    log.endTransaction(8, 0, 'abort', 0, 0);
    expect([log.lastStableOffset, log.openTransactions.size]).toEqual([6, 0]);
  });

  it('are committed, aborted or open, and their markers are control records', () => {
    const log = new PartitionLog();
    log.append([{ value: Buffer.from('a') }], transactional(7));
    log.append([{ value: Buffer.from('b') }], transactional(8));
    log.append([{ value: Buffer.from('c') }], transactional(9));
    log.endTransaction(7, 0, 'commit', 0, 0);
    log.endTransaction(8, 0, 'abort', 0, 0);
    expect(told(log)).toEqual(['0 a yes', '1 b aborted', '2 c open', '3  control', '4  control']);
  });

  it('that were aborted are listed where they have a part, in the order of their markers', () => {
    const log = new PartitionLog();
    log.append(records(1), transactional(7)); // 0
    log.append(records(1), transactional(8)); // 1
    log.endTransaction(8, 0, 'abort', 0, 0); // 2
    log.endTransaction(7, 0, 'abort', 0, 0); // 3
    log.append(records(1), transactional(7)); // 4
    log.endTransaction(7, 0, 'commit', 0, 0); // 5
    log.append(records(1), transactional(9)); // 6
    log.endTransaction(9, 0, 'abort', 0, 0); // 7
    const firsts = (from: number, to: number): readonly number[] => log.abortedIn(from, to).map(({ firstOffset }) => firstOffset);
    expect([firsts(0, 8), firsts(3, 8), firsts(4, 8), firsts(8, 9), firsts(0, 1), firsts(0, 6)]).toEqual([
      [1, 0, 6],
      [0, 6],
      [6],
      [],
      [0],
      [1, 0],
    ]);
  });

  it('that end beyond what a replica has are open there', () => {
    const log = logOf(2);
    log.append(records(1), transactional(7)); // 2
    log.append(records(2)); // 3, 4
    log.endTransaction(7, 0, 'commit', 0, 0); // 5
    expect([log.stableBelow(6), log.stableBelow(5), log.stableBelow(3), log.stableBelow(2)]).toEqual([6, 2, 2, 2]);
  });

  it('write a marker also where the producer wrote nothing', () => {
    const log = logOf(1);
    log.endTransaction(7, 0, 'abort', 0, 0);
    expect([log.end, log.abortedIn(0, 9)]).toEqual([2, []]);
  });
});

describe('epochs', () => {
  function moved(): PartitionLog {
    const log = new PartitionLog();
    log.append(records(3), { leaderEpoch: 0 });
    log.append(records(2), { leaderEpoch: 2 });
    log.append(records(1), { leaderEpoch: 5 });
    return log;
  }

  it('end where the next begins, the last at the end', () => {
    const log = moved();
    expect([0, 2, 5].map((epoch) => log.endOfEpoch(epoch).endOffset)).toEqual([3, 5, 6]);
  });

  it('that have written nothing are answered with the one before', () => {
    expect(moved().endOfEpoch(4)).toEqual({ epoch: 2, endOffset: 5 });
    expect(moved().endOfEpoch(1)).toEqual({ epoch: 0, endOffset: 3 });
  });

  it('above all and -1 are unknown', () => {
    expect([6, -1].map((epoch) => moved().endOfEpoch(epoch))).toEqual([
      { epoch: -1, endOffset: -1 },
      { epoch: -1, endOffset: -1 },
    ]);
  });

  it('of a leader that has written nothing yet begins at the end', () => {
    expect(moved().endOfEpoch(7, { end: 6, leads: 7 })).toEqual({ epoch: 7, endOffset: 6 });
    expect(moved().endOfEpoch(5, { end: 6, leads: 7 })).toEqual({ epoch: 5, endOffset: 6 });
    expect(new PartitionLog().endOfEpoch(0, { end: 0, leads: 0 })).toEqual({ epoch: 0, endOffset: 0 });
  });

  it('below all end where the first begins', () => {
    const log = moved();
    log.deleteBefore(4);
    expect(log.endOfEpoch(0)).toEqual({ epoch: 0, endOffset: 4 });
    expect(log.epochOfStart({ end: 6 })).toBe(2);
  });

  it('of a beginning that was written in none are not known', () => {
    const log = new PartitionLog();
    log.append(records(1), { leaderEpoch: -1 });
    expect(log.epochOfStart({ end: 1, leads: 0 })).toBe(-1);
  });

  it('are not known where a follower has not come to', () => {
    expect(moved().endOfEpoch(2, { end: 4 })).toEqual({ epoch: 2, endOffset: 4 });
    expect(moved().endOfEpoch(5, { end: 4 })).toEqual({ epoch: -1, endOffset: -1 });
  });
});

describe('retention', () => {
  it('may begin the log in the middle of a batch, which stays', () => {
    const log = logOf(4, 4);
    log.deleteBefore(2);
    expect([log.start, offsetsIn(log.read(2, all)), [...log.entries()].length]).toEqual([2, [0, 1, 2, 3, 4, 5, 6, 7], 6]);
    log.deleteBefore(1);
    expect(log.start).toBe(2);
    log.deleteBefore(99);
    expect([log.start, log.end]).toEqual([8, 8]);
  });

  it('forgets the transactions that are wholly below', () => {
    const log = new PartitionLog();
    log.append(records(1), transactional(7));
    log.endTransaction(7, 0, 'abort', 0, 0);
    log.append(records(1));
    log.deleteBefore(2);
    expect(log.abortedIn(0, 9)).toEqual([]);
  });

  it('leaves what is behind where it was', () => {
    const log = logOf(2, 2, 2);
    log.deleteBefore(2);
    log.append(records(2));
    expect(offsetsIn(log.read(4, all))).toEqual([4, 5, 6, 7]);
    expect(log.bytesBetween(2, 8)).toBe(log.read(2, all).length);
  });

  it('does not let the last stable offset fall below the start', () => {
    const log = new PartitionLog();
    log.append(records(4), transactional(7));
    log.deleteBefore(2);
    expect(log.lastStableOffset).toBe(2);
  });
});

describe('truncation', () => {
  it('cuts a batch that is longer', () => {
    const log = logOf(4, 4);
    log.truncateTo(6);
    expect([log.end, offsetsIn(log.read(0, all))]).toEqual([6, [0, 1, 2, 3, 4, 5]]);
    expect(splitBatches(log.read(4, all)).batches[0]?.lastOffset).toBe(5);
    expect(log.append(records(1))).toBe(6);
    expect(offsetsIn(log.read(4, all))).toEqual([4, 5, 6]);
  });

  it('may leave nothing', () => {
    const log = logOf(4, 4);
    log.deleteBefore(6);
    log.truncateTo(5);
    expect([log.start, log.end, [...log.entries()].length]).toEqual([5, 5, 0]);
  });

  it('goes on in the epoch that is left, if it is told none', () => {
    const log = new PartitionLog();
    log.append(records(1), { leaderEpoch: 0 });
    log.append(records(1), { leaderEpoch: 3 });
    log.truncateTo(1);
    log.append(records(1));
    expect(splitBatches(log.read(1, all)).batches[0]?.leaderEpoch).toBe(0);
  });

  it('drops epochs and what was written in them', () => {
    const log = new PartitionLog();
    log.append(records(3), { leaderEpoch: 0 });
    log.append(records(3), { leaderEpoch: 1 });
    log.truncateTo(3);
    log.append(records(4), { leaderEpoch: 2 });
    expect([0, 1, 2].map((epoch) => log.endOfEpoch(epoch))).toEqual([
      { epoch: 0, endOffset: 3 },
      { epoch: 0, endOffset: 3 },
      { epoch: 2, endOffset: 7 },
    ]);
  });

  it('forgets transactions that began beyond, and opens those that ended beyond', () => {
    const log = new PartitionLog();
    log.append(records(1), transactional(7)); // 0
    log.append(records(1), transactional(8)); // 1
    log.endTransaction(7, 0, 'abort', 0, 0); // 2
    log.append(records(1), transactional(9)); // 3
    log.truncateTo(2);
    expect([[...log.openTransactions.keys()], log.lastStableOffset, log.abortedIn(0, 9)]).toEqual([[7, 8], 0, []]);
    expect(told(log)).toEqual(['0 0 open', '1 0 open']);
    log.endTransaction(7, 0, 'commit', 0, 0);
    expect(told(log)[0]).toBe('0 0 yes');
  });
});

describe('damage', () => {
  it('spoils the CRC of one batch, and mends it the second time', () => {
    const log = logOf(2, 2);
    const good = (): readonly boolean[] => splitBatches(log.read(0, all)).batches.map((batch) => batch.crcIsGood());
    const before = log.read(2, all);
    log.damage(3);
    expect([good(), [...log.entries()].map(({ damaged }) => damaged)]).toEqual([
      [true, false],
      [false, false, true, true],
    ]);
    expect(splitBatches(before).batches[0]?.crcIsGood()).toBe(true); // what has been read is not touched
    log.damage(2);
    expect(good()).toEqual([true, true]);
  });
});

describe('timestamps', () => {
  it('find the first record that is not older', () => {
    const log = new PartitionLog();
    log.append([{ timestamp: 10 }, { timestamp: 30 }], { leaderEpoch: 1 });
    log.append([{ timestamp: 20 }, { timestamp: 40 }], { leaderEpoch: 2 });
    expect([log.offsetFor(0), log.offsetFor(15), log.offsetFor(31), log.offsetFor(41)]).toEqual([
      { offset: 0, timestamp: 10, leaderEpoch: 1 },
      { offset: 1, timestamp: 30, leaderEpoch: 1 },
      { offset: 3, timestamp: 40, leaderEpoch: 2 },
      undefined,
    ]);
    log.deleteBefore(1);
    expect([log.offsetFor(0)?.offset, log.offsetOfMaxTimestamp()?.offset]).toEqual([1, 3]);
  });

  it('of records that compaction took away are none', () => {
    const log = new PartitionLog();
    log.append([{ key: Buffer.from('a'), value: Buffer.from('0'), timestamp: 99 }], { producerId: 7, producerEpoch: 0, baseSequence: 0 });
    log.append([{ key: Buffer.from('a'), value: Buffer.from('1'), timestamp: 10 }]);
    log.compact(2);
    expect(log.offsetOfMaxTimestamp()).toEqual({ offset: 1, timestamp: 10, leaderEpoch: 0 });
  });

  it('of LogAppendTime are those of the batch', () => {
    const log = new PartitionLog();
    log.append([{ timestamp: 10 }, { timestamp: 20 }], { timestampType: 'LogAppendTime', maxTimestamp: 99 });
    expect([...log.entries()].map(({ timestamp }) => timestamp)).toEqual([99, 99]);
  });
});
