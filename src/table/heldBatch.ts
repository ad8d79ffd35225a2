import type { BatchView } from '../protocol/recordBatch.ts';
import type { TopicPartition } from '../model/topicPartition.ts';
import { Contents } from './contents.ts';
import { Frame, type Tenant } from './frame.ts';

/** What of a batch is for us: records from `from` (the position lay inside the batch) up to, and without, `to` (where the stream is to end). */
export interface OffsetRange {
  readonly from: number;
  readonly to: number;
}

/** Who keeps the books of a batch. */
export interface Ledger {
  /** The record at that index was acked just now. */
  acked(batch: HeldBatch, index: number): void;
}

/**
 * A batch from its arrival until all of its records are acked.
 *
 * Acks in order move `head`, an integer; a bitmap exists only once acks come out of order.
 */
export class HeldBatch implements Tenant {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  /** The offset after the batch, by its header: also after records that compaction took away. */
  nextOffset: number;
  /** Every index below it is acked. */
  head = 0;
  /** The index of the next record to deliver in the present delivery. */
  next = 0;
  /** Every index below it was delivered at some time. */
  delivered = 0;
  /** Records that are not acked yet. */
  open: number;
  /** Records up to the last deliverable one; 0 before it is opened. */
  count = 0;
  /** Bytes that it holds in memory. */
  bytes: number;
  private view: BatchView | undefined;
  private opened: Contents | undefined;
  private bits: Uint32Array | undefined;
  private stale = false;
  /** The index of its first record that is for us. */
  private start = 0;
  private readonly frame: Frame;
  private readonly range: OffsetRange;
  private readonly ledger: Ledger;

  /** `deliverable` false: a control batch, or one of an aborted transaction. */
  constructor(ledger: Ledger, place: TopicPartition, view: BatchView, range: OffsetRange, deliverable: boolean) {
    this.ledger = ledger;
    this.topic = place.topic;
    this.partition = place.partition;
    this.range = range;
    this.firstOffset = view.baseOffset;
    this.nextOffset = Math.min(view.nextOffset, range.to);
    this.open = deliverable && view.baseOffset < range.to ? view.recordCount : 0;
    this.view = this.open > 0 ? view : undefined;
    this.bytes = this.open > 0 ? view.sizeInBytes : 0;
    this.frame = Frame.of(view.memory);
    if (this.open > 0) this.frame.enter(this, this.bytes);
  }

  /** Whether something is left to deliver, as far as can be told without opening it. */
  get exhausted(): boolean {
    return this.open === 0 || (this.opened !== undefined && this.next >= this.count);
  }

  /** Whether nothing of it was ever delivered. */
  get untouched(): boolean {
    return this.head === this.start && this.delivered === this.start;
  }

  /** Whether all that was ever delivered of it is acked, and something is left that was not delivered. */
  get isWholeBehind(): boolean {
    return this.open > 0 && this.head >= this.delivered;
  }

  /** The offset of its lowest record that was delivered and is not acked. */
  get lowestOutstanding(): number | undefined {
    return this.open > 0 && this.opened !== undefined && this.head < this.delivered ? this.opened.offsetAt(this.head) : undefined;
  }

  /** Whether a record of it behind that index is acked. */
  ackedFrom(index: number): boolean {
    return this.open < this.count - index;
  }

  /** Decompresses and indexes it, once. Throws what `Contents.open` throws. */
  contents(): Contents {
    if (this.opened !== undefined) return this.opened;
    if (this.view === undefined) throw new RangeError(`nothing to open in the batch at ${String(this.firstOffset)}`);
    const opened = Contents.open(this.topic, this.partition, this.view);
    this.opened = opened;
    if (opened.memory !== this.view.memory) this.frame.leave(this);
    this.bytes = Math.max(this.view.sizeInBytes, opened.bytes);
    const { lastOffset } = this.view;
    this.view = undefined;
    this.start = this.head = this.next = this.delivered = opened.indexFrom(this.range.from);
    this.count = this.range.to <= lastOffset ? opened.indexFrom(this.range.to) : opened.count;
    this.open = Math.max(0, this.count - this.head);
    return opened;
  }

  isAcked(index: number): boolean {
    return index < this.head || (this.bits !== undefined && ((this.bits[index >>> 5] ?? 0) & (1 << (index & 31))) !== 0);
  }

  /** The offset of the next record to deliver; undefined before it is opened, and where none is left. */
  get nextToDeliver(): number | undefined {
    return this.opened !== undefined && this.next < this.count ? this.opened.offsetAt(this.next) : undefined;
  }

  /** One further record was delivered, or needs not be: `next` moves to the next one that is not acked. */
  advance(): void {
    do this.next++;
    while (this.next < this.count && this.bits !== undefined && this.isAcked(this.next));
    if (this.next > this.delivered) this.delivered = this.next;
  }

  /** Delivery starts again at the lowest record that is not acked. */
  rewind(): void {
    this.next = this.head;
  }

  /** What was delivered is not waited for any more. Answers whether there was anything. */
  forgetDelivered(): boolean {
    if (this.opened === undefined || this.next <= this.head) return false;
    this.head = this.next;
    this.bits = undefined;
    this.open = Math.max(0, this.count - this.head);
    return true;
  }

  ack(index: number): void {
    if (this.stale || index < this.head) return;
    if (index === this.head) {
      do this.head++;
      while (this.bits !== undefined && this.isAcked(this.head));
    } else {
      this.bits ??= new Uint32Array((this.count + 31) >>> 5);
      const bit = 1 << (index & 31);
      const word = this.bits[index >>> 5] ?? 0;
      if ((word & bit) !== 0) return;
      this.bits[index >>> 5] = word | bit;
    }
    this.open--;
    this.ledger.acked(this, index);
  }

  /** What its bytes lie in; undefined once it holds none. */
  get memory(): ArrayBufferLike | undefined {
    return this.opened?.memory ?? this.view?.memory;
  }

  moveOut(): void {
    this.view = this.view?.copy();
    this.opened?.moveOut();
  }

  /** Its epoch is over, or it is settled: acks mean nothing any more, and nothing is pinned. */
  drop(): void {
    this.frame.leave(this);
    this.stale = true;
    this.view = undefined;
    this.opened = undefined;
    this.bits = undefined;
  }
}
