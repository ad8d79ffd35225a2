import type { AbortedTransaction } from '../../../protocol/apis/fetch.ts';
import { encodeBatch, encodeControlBatch, type NewBatch, type NewRecord } from '../../../protocol/encodeBatch.ts';
import { BatchView } from '../../../protocol/recordBatch.ts';
import { compacted } from './compaction.ts';
import { Epochs, type EpochEnd, type EpochScope } from './epochs.ts';
import { entriesOf, type LogEntry } from './logEntry.ts';
import { Producers, type Admission } from './producers.ts';
import { readFrom, type ReadLimits } from './reading.ts';
import { rewritten } from './rewrite.ts';
import { firstAtOrBeyond, firstEndingFrom, recordsOf, storedBatch, type StoredBatch } from './storedBatch.ts';
import { firstFrom, highest, type TimestampAndOffset } from './timestamps.ts';
import { TransactionIndex, type LoggedTransaction } from './transactionIndex.ts';

/** How densely a broker's index lies over a log (`log.index.interval.bytes`): what it tells of a range it may tell of so much more behind it. */
const INDEX_INTERVAL = 4_096;

/** The last byte of a batch's CRC. */
const CRC_BYTE = 20;

/**
 * The log of a partition, as its leader keeps it: batches of format v2, encoded as a reader gets them.
 *
 * It has no clock and asks nobody: offsets, epochs and transactions follow from what is appended, cut and cleaned.
 */
export class PartitionLog {
  private batches: StoredBatch[] = [];
  private startOffset = 0;
  private endOffset = 0;
  private held = Infinity;
  /** A broker deletes whole segments, and later: what retention took away may still have the highest timestamp. */
  private highestGone: TimestampAndOffset | undefined;
  private readonly epochs = new Epochs();
  private readonly transactions = new TransactionIndex();
  private readonly producers = new Producers();

  /** The first offset that is still here. Retention may put it in the middle of a batch. */
  get start(): number {
    return this.startOffset;
  }

  /** Where the next record goes. */
  get end(): number {
    return this.endOffset;
  }

  /** What all replicas in sync have: the end, unless a script holds it back by setting it. Infinity: no more. */
  get highWatermark(): number {
    return Math.min(this.endOffset, this.held);
  }

  set highWatermark(offset: number) {
    this.held = offset;
  }

  /** Up to where everything is decided: the first offset of the first open transaction, else the high watermark. */
  get lastStableOffset(): number {
    return this.stableBelow(this.highWatermark);
  }

  /** The same for a replica that has the log up to that offset. */
  stableBelow(end: number): number {
    return Math.max(Math.min(this.startOffset, end), this.transactions.stableBelow(end));
  }

  /** Producer to first offset. */
  get openTransactions(): ReadonlyMap<number, number> {
    return new Map([...this.transactions.open.values()].map(({ producerId, first }) => [producerId, first]));
  }

  /** Writes one batch at the end and returns its base offset. Without an epoch it is that of the batch before it, at first 0. */
  append(records: readonly NewRecord[], batch: NewBatch = {}): number {
    const leaderEpoch = batch.leaderEpoch ?? Math.max(0, this.epochs.latest);
    return this.push(encodeBatch(records, { ...batch, baseOffset: this.endOffset, leaderEpoch }));
  }

  /** Writes a batch as a producer has encoded it: with its place and the epoch, which the CRC does not cover. */
  appendBatch(batch: Buffer, leaderEpoch: number): number {
    const bytes = Buffer.from(batch);
    bytes.writeBigInt64BE(BigInt(this.endOffset), 0);
    bytes.writeInt32BE(leaderEpoch, 12);
    return this.push(bytes);
  }

  /** Whether an idempotent producer may append that now: in order, and within its transaction if it has one here. */
  admits(batch: BatchView): Admission {
    if (!batch.isTransactional && this.transactions.open.has(batch.producerId)) return { kind: 'refuse', error: 'INVALID_TXN_STATE' };
    return this.producers.admit(batch);
  }

  /** Writes the marker that ends the producer's transaction, also where it has written nothing. */
  endTransaction(producerId: number, producerEpoch: number, ends: 'commit' | 'abort', timestamp: number, leaderEpoch: number): void {
    this.push(encodeControlBatch(ends, { baseOffset: this.endOffset, leaderEpoch, producerId, producerEpoch, baseTimestamp: timestamp }));
  }

  /** Batches from the one on that holds the offset, or else follows it: so many bytes of them, so that the last may be cut. Empty: see `ReadLimits`. */
  read(offset: number, limits: ReadLimits): Buffer {
    return readFrom(this.batches, firstEndingFrom(this.batches, offset), this.positionOf(limits.upTo), limits);
  }

  /** Bytes between two offsets. */
  bytesBetween(from: number, to: number): number {
    return Math.max(0, this.positionOf(to) - this.positionOf(from));
  }

  /** Bytes of the batch that a read at that offset begins with; 0: there is none. */
  sizeOfBatchAt(offset: number): number {
    return this.batches[firstEndingFrom(this.batches, offset)]?.bytes.length ?? 0;
  }

  /** The aborted transactions that have a part in these offsets. */
  abortedIn(from: number, to: number): readonly AbortedTransaction[] {
    return this.transactions.abortedIn(from, to);
  }

  /** The same for what a read at that offset has returned so many bytes of: a broker's index is sparse, so it tells of some more. */
  abortedAround(offset: number, bytes: number): readonly AbortedTransaction[] {
    const beyond = this.batches[firstAtOrBeyond(this.batches, this.positionOf(offset) + bytes + INDEX_INTERVAL)];
    return this.transactions.abortedIn(offset, beyond?.base ?? this.endOffset);
  }

  /** The first record whose timestamp is not below that; undefined: there is none. */
  offsetFor(timestamp: number): TimestampAndOffset | undefined {
    return firstFrom(this.batches, timestamp, this.startOffset);
  }

  /** The first record with the highest timestamp that there is, or has been. */
  offsetOfMaxTimestamp(): TimestampAndOffset | undefined {
    return highest(this.batches, this.highestGone);
  }

  /** Where an epoch ended, as a replica knows it; without `scope` the one that leads in the last epoch which has records. */
  endOfEpoch(epoch: number, scope: EpochScope = { end: this.endOffset }): EpochEnd {
    return this.epochs.endOf(epoch, scope);
  }

  /** The epoch in which the log begins; -1: not known. */
  epochOfStart(scope: EpochScope): number {
    return this.epochs.earliest(this.startOffset, scope);
  }

  /** Where an epoch began; undefined: not known. */
  startOfEpoch(epoch: number, scope: EpochScope): number | undefined {
    return this.epochs.startOf(epoch, scope);
  }

  /** Retention: the log begins there now, at the latest at its end. */
  deleteBefore(offset: number): void {
    if (offset <= this.startOffset) return;
    this.startOffset = Math.min(offset, this.endOffset);
    const gone = this.batches.splice(0, firstEndingFrom(this.batches, this.startOffset));
    this.highestGone = highest(gone, this.highestGone);
    this.transactions.forget(({ last }) => last < this.startOffset);
    this.epochs.truncateFrom(this.startOffset);
  }

  /** The log ends there now: a batch that is longer is cut, transactions that ended later are open again. */
  truncateTo(end: number): void {
    if (end >= this.endOffset) return;
    const cut = this.batches[firstEndingFrom(this.batches, end)];
    this.batches.length = firstEndingFrom(this.batches, end);
    this.endOffset = Math.max(0, end);
    this.startOffset = Math.min(this.startOffset, this.endOffset);
    this.transactions.truncateTo(this.endOffset);
    this.epochs.truncateTo(this.endOffset);
    if (cut !== undefined && cut.base < end) {
      const kept = recordsOf(cut).filter(({ offset }) => offset < end);
      this.keep(cut, rewritten(cut, kept, { lastOffsetDelta: end - 1 - cut.base }));
    }
    this.producers.relearn(this.batches.map(({ view }) => view));
  }

  /** Compaction of what is stable below that offset: leaves holes and empty batches. */
  compact(before: number): void {
    const left = compacted(this.batches, Math.min(before, this.lastStableOffset));
    const markers = new Set<LoggedTransaction | undefined>();
    this.batches = [];
    for (const { batch, bytes } of left) {
      this.keep(batch, bytes);
      if (batch.control !== undefined && this.batches.at(-1)?.view.recordCount !== 0) markers.add(batch.transaction);
    }
    this.transactions.forget((transaction) => !markers.has(transaction));
  }

  /** A byte of the batch that holds the offset is wrong from now on: its CRC does not fit. A second time it is right again. */
  damage(offset: number): void {
    const index = firstEndingFrom(this.batches, offset);
    const batch = this.batches[index];
    if (batch === undefined) return;
    const bytes = Buffer.from(batch.bytes); // what has been read of it is on its way to somebody
    bytes.writeUInt8(bytes.readUInt8(CRC_BYTE) ^ 0xff, CRC_BYTE);
    this.batches[index] = { ...batch, bytes, view: new BatchView(bytes), damaged: !batch.damaged };
  }

  /** Every record that there is from that offset on, also those that no reader gets. */
  *entries(from: number = this.startOffset): Iterable<LogEntry> {
    const start = Math.max(from, this.startOffset);
    for (let i = firstEndingFrom(this.batches, start); i < this.batches.length; i++) {
      const batch = this.batches[i];
      if (batch !== undefined) yield* entriesOf(batch, start);
    }
  }

  private push(bytes: Buffer): number {
    const view = new BatchView(bytes);
    const stored = storedBatch(view, bytes, this.bytesSoFar(), undefined);
    this.batches.push({ ...stored, transaction: this.transactionOf(stored) });
    this.endOffset = view.nextOffset;
    this.epochs.note(view.leaderEpoch, view.baseOffset);
    this.producers.note(view);
    return view.baseOffset;
  }

  private transactionOf({ view, control, base }: StoredBatch): LoggedTransaction | undefined {
    if (control === 'commit' || control === 'abort') return this.transactions.end(view.producerId, base, control);
    return view.isTransactional && !view.isControl ? this.transactions.begin(view.producerId, base) : undefined;
  }

  /** A batch stays, with these bytes, behind those that have stayed so far. */
  private keep(batch: StoredBatch, bytes: Buffer): void {
    const at = this.bytesSoFar();
    if (bytes === batch.bytes) this.batches.push({ ...batch, at });
    else this.batches.push(storedBatch(new BatchView(bytes), bytes, at, batch.transaction));
  }

  /** Where the batch stands that a read at that offset begins with; the end of the bytes, if there is none. */
  private positionOf(offset: number): number {
    return this.batches[firstEndingFrom(this.batches, offset)]?.at ?? this.bytesSoFar();
  }

  private bytesSoFar(): number {
    const last = this.batches.at(-1);
    return last === undefined ? 0 : last.at + last.bytes.length;
  }
}
