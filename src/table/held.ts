import type { HeldBatch, Ledger } from './heldBatch.ts';

/** What is delivered and not acked, or how much of it there may be. */
export interface Amount {
  readonly records: number;
  readonly bytes: number;
}

/**
 * The batches of one partition that are fetched and not wholly acked, in the order of the log.
 *
 * `at` is the one that delivery stands in; those before it have nothing left to deliver, those behind it were not delivered.
 */
export class Held implements Ledger {
  /** Bytes held in memory. */
  bytes = 0;
  /** Delivered in the present delivery and not acked. */
  records = 0;
  recordBytes = 0;
  private batches: HeldBatch[] = [];
  private at = 0;
  /** Those before it are settled: shifting an array for each batch would cost as much as the array is long. */
  private first = 0;
  private readonly onAck: (skipped: boolean) => void;

  /** `onAck`: called after each ack that changed something. `skipped`: it was of the very record that was to be delivered next. */
  constructor(onAck: (skipped: boolean) => void) {
    this.onAck = onAck;
  }

  get outstanding(): Amount {
    return { records: this.records, bytes: this.recordBytes };
  }

  /** Whether a batch is buffered that delivery has not reached. */
  get hasUndelivered(): boolean {
    return this.at < this.batches.length;
  }

  /** The offset behind the last batch held. */
  get end(): number | undefined {
    return this.first < this.batches.length ? this.batches.at(-1)?.nextOffset : undefined;
  }

  /** The lowest offset that was delivered and is not acked. */
  get lowestOutstanding(): number | undefined {
    for (let index = this.first; index < this.batches.length; index++) {
      const batch = this.batches[index];
      if (batch?.open !== 0) return batch?.lowestOutstanding;
    }
    return undefined;
  }

  /** Whether a record behind the lowest outstanding one is acked: it cannot be committed before that one is. */
  get overtaken(): boolean {
    if (this.lowestOutstanding === undefined) return false;
    const lowest = this.batches.findIndex((batch, index) => index >= this.first && batch.open !== 0);
    return this.batches.some((batch, index) => index >= lowest && batch.ackedFrom(index === lowest ? batch.head : 0));
  }

  /** Nothing lies between the last batch and that offset. */
  reachTo(offset: number): void {
    const last = this.first < this.batches.length ? this.batches.at(-1) : undefined;
    if (last !== undefined) last.nextOffset = offset;
  }

  push(batch: HeldBatch): void {
    this.batches.push(batch);
    this.bytes += batch.bytes;
  }

  /** The batch that delivery stands in; passes those with nothing left, and reports each to `passed`. */
  current(passed: (batch: HeldBatch) => void): HeldBatch | undefined {
    for (;;) {
      const batch = this.batches[this.at];
      if (batch?.exhausted !== true) return batch;
      this.at++;
      passed(batch);
      this.shift();
    }
  }

  /** Opens a batch, and counts what it holds now that it is decompressed: nothing where no record of it is for us. Throws what `HeldBatch.contents` throws. */
  open(batch: HeldBatch): ReturnType<HeldBatch['contents']> {
    const before = batch.bytes;
    const contents = batch.contents();
    this.bytes += batch.bytes - before;
    if (batch.open === 0) this.settle(batch);
    return contents;
  }

  /** A record of that size was delivered. */
  deliveredOne(batch: HeldBatch, size: number): void {
    this.records++;
    this.recordBytes += size;
    batch.advance();
  }

  acked(batch: HeldBatch, index: number): void {
    // An earlier delivery handed it out, and its work is done before the present one has come to it: it is not delivered again.
    const skipped = index === batch.next;
    if (skipped) batch.advance();
    else if (index < batch.next) {
      this.records--;
      this.recordBytes -= batch.contents().sizeAt(index);
    }
    if (batch.open === 0) this.settle(batch);
    this.onAck(skipped);
  }

  /** Delivery starts again at the lowest record that is not acked. Returns its offset where that is known. */
  rewind(): number | undefined {
    this.at = this.first;
    this.records = 0;
    this.recordBytes = 0;
    for (const batch of this.batches) batch.rewind();
    return this.lowestOutstanding;
  }

  /** What was delivered counts as done: it is neither delivered again nor waited for. */
  forgetDelivered(): void {
    this.records = this.recordBytes = 0;
    for (const batch of this.batches.slice(this.first, this.at + 1)) if (batch.forgetDelivered() && batch.open === 0) this.settle(batch);
  }

  /** The end of the next batches to deliver that hold that many records together; of all that are there, if those are fewer. */
  stretch(records: number): number | undefined {
    let end: number | undefined;
    for (let index = this.at, count = 0; index < this.batches.length && count < records; index++) {
      const batch = this.batches[index];
      count += batch?.open ?? 0;
      end = batch?.nextOffset;
    }
    return end;
  }

  /** Forgets the batch and all behind it. */
  dropFrom(batch: HeldBatch): void {
    const from = this.batches.indexOf(batch);
    if (from >= 0) this.cut(from);
  }

  /**
   * Forgets what lies behind all that was delivered: it can be fetched again without delivering anything twice. A batch of which something was
   * delivered stays, whoever acks what of it; but for one of which nothing is waited for, where the position says how far it was read.
   */
  dropUndelivered(): void {
    let from = this.batches.length;
    while (from > this.at && this.batches[from - 1]?.untouched === true) from--;
    const last = this.batches[from - 1];
    if (from === this.at + 1 && this.first === this.at && last?.isWholeBehind === true) from--;
    this.cut(from);
  }

  /** Forgets everything; acks of it mean nothing any more. */
  clear(): void {
    for (const batch of this.batches) batch.drop();
    this.batches = [];
    this.at = this.first = this.bytes = this.records = this.recordBytes = 0;
  }

  private cut(from: number): void {
    for (const gone of this.batches.splice(from)) {
      this.bytes -= gone.bytes;
      gone.drop();
    }
  }

  /** Nothing of it is left to ack. */
  private settle(batch: HeldBatch): void {
    this.bytes -= batch.bytes;
    batch.drop();
    this.shift();
  }

  private shift(): void {
    while (this.first < this.at && this.batches[this.first]?.open === 0) this.first++;
    if (this.first < 1_024 || this.first * 2 < this.batches.length) return;
    this.batches = this.batches.slice(this.first);
    this.at -= this.first;
    this.first = 0;
  }
}
