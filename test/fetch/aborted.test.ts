import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AbortedFilter } from '../../src/fetch/aborted.ts';
import { encodeControlBatch } from '../../src/protocol/encodeBatch.ts';
import { BatchView } from '../../src/protocol/recordBatch.ts';
import { batchOf } from '../table/scenario.ts';

/** What a producer does next in the log: writes in its transaction, writes outside of any, or ends its transaction. */
const move = fc.record({
  producer: fc.integer({ min: 1, max: 3 }),
  kind: fc.constantFrom('write', 'write', 'plain', 'commit', 'abort'),
  records: fc.integer({ min: 1, max: 3 }),
});

interface Entry {
  readonly batch: BatchView;
  readonly deliverable: boolean;
}

interface Log {
  readonly entries: readonly Entry[];
  readonly aborted: readonly { readonly producerId: number; readonly firstOffset: number; readonly end: number }[];
}

const marker = (type: 'abort' | 'commit', baseOffset: number, producerId: number): BatchView =>
  new BatchView(encodeControlBatch(type, { baseOffset, producerId }));

/** A log by the simplest rule: a batch is deliverable if its transaction was committed in the end, or never aborted. */
function logOf(moves: readonly { producer: number; kind: string; records: number }[]): Log {
  const entries: { batch: BatchView; deliverable: boolean }[] = [];
  const open = new Map<number, { first: number; written: { deliverable: boolean }[] }>();
  const aborted: { producerId: number; firstOffset: number; end: number }[] = [];
  let offset = 0;
  for (const { producer: producerId, kind, records } of moves) {
    const transaction = open.get(producerId);
    if (kind === 'plain' || kind === 'write') {
      const isTransactional = kind === 'write';
      const batch = batchOf(offset, records, { isTransactional, producerId: isTransactional ? producerId : -1 });
      const entry = { batch, deliverable: true };
      entries.push(entry);
      if (isTransactional && transaction === undefined) open.set(producerId, { first: offset, written: [entry] });
      else if (isTransactional) transaction?.written.push(entry);
      offset += records;
    } else if (transaction !== undefined && (kind === 'commit' || kind === 'abort')) {
      if (kind === 'abort') {
        aborted.push({ producerId, firstOffset: transaction.first, end: offset });
        for (const written of transaction.written) written.deliverable = false;
      }
      entries.push({ batch: marker(kind, offset, producerId), deliverable: false });
      open.delete(producerId);
      offset++;
    }
  }
  return { entries, aborted };
}

describe('the filter of aborted transactions', () => {
  it('agrees with the log, from wherever it is read and in whatever order the transactions are listed', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 25, size: 'max' }), fc.nat(25), fc.infiniteStream(fc.nat()), (moves, cut, chance) => {
        const { entries, aborted } = logOf(moves);
        const read = entries.slice(Math.min(cut, entries.length));
        const from = read[0]?.batch.baseOffset ?? 0;
        // The broker lists those that reach into what it sends, whenever they began.
        const listed = aborted.filter(({ end }) => end >= from).map((one) => ({ one, key: Number(chance.next().value) }));
        const shuffled = listed.sort((a, b) => a.key - b.key).map(({ one: { producerId, firstOffset } }) => ({ producerId, firstOffset }));
        const filter = new AbortedFilter(shuffled);
        expect(read.map(({ batch }) => filter.isDeliverable(batch))).toEqual(read.map(({ deliverable }) => deliverable));
      }),
      { numRuns: 400 },
    );
  });

  it('passes everything but markers where nothing is listed (read_uncommitted)', () => {
    const filter = new AbortedFilter(null);
    expect(filter.isDeliverable(batchOf(0, 1, { isTransactional: true, producerId: 1 }))).toBe(true);
    expect(filter.isDeliverable(marker('abort', 1, 1))).toBe(false);
    expect(filter.isDeliverable(marker('commit', 2, 1))).toBe(false);
  });

  it('does not count what a producer writes outside of a transaction', () => {
    const filter = new AbortedFilter([{ producerId: 1, firstOffset: 0 }]);
    expect(filter.isDeliverable(batchOf(0, 1, { isTransactional: true, producerId: 1 }))).toBe(false);
    expect(filter.isDeliverable(batchOf(1, 1, { producerId: 1 }))).toBe(true);
  });

  it('takes a control batch of a later kind for no end of a transaction', () => {
    const filter = new AbortedFilter([{ producerId: 1, firstOffset: 0 }]);
    const other = batchOf(1, [{ key: Buffer.from([0, 0, 0, 9]) }], { isTransactional: true, isControl: true, producerId: 1 });
    expect(filter.isDeliverable(batchOf(0, 1, { isTransactional: true, producerId: 1 }))).toBe(false);
    expect(filter.isDeliverable(other)).toBe(false);
    expect(filter.isDeliverable(batchOf(2, 1, { isTransactional: true, producerId: 1 }))).toBe(false);
  });
});
