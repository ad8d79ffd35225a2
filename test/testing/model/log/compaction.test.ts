import { describe, expect, it } from 'vitest';
import { splitBatches } from '../../../../src/protocol/splitBatches.ts';
import { PartitionLog } from '../../../../src/testing/model/log/partitionLog.ts';
import { offsetsIn } from '../fetch/broker.ts';

const all = { maxBytes: 1_000_000, upTo: Infinity, atLeastOne: true };

/** One batch, a record for each letter, the letter being its key; in capitals a tombstone. */
function write(log: PartitionLog, keys: string, producerId?: number, transactional = false): void {
  const producer = producerId === undefined ? {} : { producerId, producerEpoch: 0, baseSequence: 0, isTransactional: transactional };
  const records = Array.from(keys, (key, i) => ({
    key: Buffer.from(key.toLowerCase()),
    value: key === key.toUpperCase() ? null : Buffer.from(String(log.end + i)),
    timestamp: 1_000 + log.end + i,
  }));
  log.append(records, producer);
}

/** `0-3: 1 2`: each batch with the offsets that it spans and those that it has. */
function shape(log: PartitionLog): readonly string[] {
  return splitBatches(log.read(0, all)).batches.map((batch) => {
    expect(batch.crcIsGood()).toBe(true);
    const offsets = [...log.entries(batch.baseOffset)].map(({ offset }) => offset).filter((offset) => offset <= batch.lastOffset);
    return `${String(batch.baseOffset)}-${String(batch.lastOffset)}: ${offsets.join(' ')}`;
  });
}

describe('compaction', () => {
  it('keeps the last record of each key, in batches that span what they spanned', () => {
    const log = new PartitionLog();
    write(log, 'abc');
    write(log, 'ab');
    write(log, 'bd');
    log.compact(log.end);
    expect(shape(log)).toEqual(['0-2: 2', '3-4: 3', '5-6: 5 6']);
    expect([...log.entries()].map(({ timestamp, value }) => [timestamp, String(value)])).toEqual([
      [1_002, '2'],
      [1_003, '3'],
      [1_005, '5'],
      [1_006, '6'],
    ]);
  });

  it('leaves a hole where a batch has become empty, also at the beginning: a read goes on behind it', () => {
    const log = new PartitionLog();
    write(log, 'ab');
    write(log, 'cd');
    write(log, 'ab');
    log.compact(log.end);
    expect([shape(log), log.start, log.end]).toEqual([['2-3: 2 3', '4-5: 4 5'], 0, 6]);
    expect(offsetsIn(log.read(0, all))).toEqual([2, 3, 4, 5]);
  });

  it('leaves an empty batch where it was the last of a producer, with its place and sequence', () => {
    const log = new PartitionLog();
    write(log, 'abcde', 7);
    write(log, 'abcde', 8);
    log.compact(log.end);
    const [empty] = splitBatches(log.read(0, all)).batches;
    expect([shape(log)[0], empty?.recordCount, empty?.producerId, empty?.baseSequence, empty?.nextOffset]).toEqual(['0-4: ', 0, 7, 0, 5]);
    log.compact(log.end);
    expect(shape(log)[0]).toBe('0-4: ');
    write(log, 'z', 7);
    log.compact(log.end);
    expect(shape(log)[0]).toBe('5-9: 5 6 7 8 9');
  });

  it('does not touch what is not below the offset, nor counts it', () => {
    const log = new PartitionLog();
    write(log, 'bba');
    write(log, 'ab');
    log.compact(2);
    expect(shape(log)).toEqual(['0-2: 1 2', '3-4: 3 4']);
    write(log, 'cdc');
    log.compact(7);
    expect(shape(log).at(-1)).toBe('5-7: 5 6 7');
  });

  it('stops at the first open transaction', () => {
    const log = new PartitionLog();
    write(log, 'a');
    write(log, 'x', 7, true);
    write(log, 'a');
    log.compact(log.end);
    expect(shape(log)).toEqual(['0-0: 0', '1-1: 1', '2-2: 2']);
  });

  it('takes away what was aborted, its marker two passes later, and then lists it no more', () => {
    const log = new PartitionLog();
    write(log, 'ab', 7, true);
    log.endTransaction(7, 0, 'abort', 0, 0);
    write(log, 'a', 7, true);
    log.endTransaction(7, 0, 'commit', 0, 0);
    const passes = [0, 1, 2].map(() => {
      log.compact(log.end);
      return [shape(log), log.abortedIn(0, 9).length];
    });
    expect(passes).toEqual([
      [['2-2: 2', '3-3: 3', '4-4: 4'], 1],
      [['2-2: 2', '3-3: 3', '4-4: 4'], 1],
      [['3-3: 3', '4-4: 4'], 0],
    ]);
  });

  it('does not take what was aborted for the last of its key, and takes it away also without a key', () => {
    const log = new PartitionLog();
    write(log, 'a');
    log.append([{ key: Buffer.from('a') }, {}], { isTransactional: true, producerId: 7, producerEpoch: 0 });
    log.endTransaction(7, 0, 'abort', 0, 0);
    write(log, 'b', 7);
    log.compact(log.end);
    expect(shape(log)).toEqual(['0-0: 0', '3-3: 3', '4-4: 4']);
  });

  it('leaves the last batch of a producer also where a marker of the same epoch follows', () => {
    const log = new PartitionLog();
    write(log, 'a', 7, true);
    log.endTransaction(7, 0, 'commit', 0, 0);
    write(log, 'a');
    log.compact(log.end);
    expect(shape(log)).toEqual(['0-0: ', '1-1: 1', '2-2: 2']);
  });

  it('takes tombstones away in the pass after the one that marked them', () => {
    const log = new PartitionLog();
    write(log, 'a');
    write(log, 'A');
    log.compact(log.end);
    expect(shape(log)).toEqual(['1-1: 1']);
    expect(splitBatches(log.read(0, all)).batches[0]?.hasDeleteHorizon).toBe(true);
    expect([...log.entries()][0]?.timestamp).toBe(1_001);
    log.compact(log.end);
    expect([shape(log), log.end]).toEqual([[], 2]);
  });

  it('leaves records without a key', () => {
    const log = new PartitionLog();
    log.append([{ value: Buffer.from('0') }, { value: Buffer.from('1') }]);
    log.compact(log.end);
    expect(shape(log)).toEqual(['0-1: 0 1']);
  });

  it('leaves an end that a read comes to without bytes', () => {
    const log = new PartitionLog();
    write(log, 'ab');
    write(log, 'A');
    log.compact(log.end);
    log.compact(log.end);
    expect([shape(log), log.read(2, all).length, log.end, log.append([{}])]).toEqual([['0-1: 1'], 0, 3, 3]);
  });
});
