import type { KafkaRecord, RecordBatch, RecordHeaders } from '../model/record.ts';
import type { Contents } from './contents.ts';
import type { HeldBatch } from './heldBatch.ts';

/** A record as the subscriber gets it: a lazy view of its batch. */
export class DeliveredRecord implements KafkaRecord {
  protected readonly contents: Contents;
  protected readonly batch: HeldBatch;
  protected readonly index: number;

  constructor(contents: Contents, batch: HeldBatch, index: number) {
    this.contents = contents;
    this.batch = batch;
    this.index = index;
  }

  get topic(): string {
    return this.contents.common.topic;
  }
  get partition(): number {
    return this.contents.common.partition;
  }
  get offset(): number {
    return this.contents.offsetAt(this.index);
  }
  get timestamp(): number {
    return this.contents.timestampAt(this.index);
  }
  get key(): Buffer | null {
    return this.contents.keyAt(this.index);
  }
  get value(): Buffer | null {
    return this.contents.valueAt(this.index);
  }
  get headers(): RecordHeaders {
    return this.contents.headersAt(this.index);
  }
  get leaderEpoch(): number {
    return this.contents.common.leaderEpoch;
  }

  ack(): void {
    this.batch.ack(this.index);
  }

  detach(): KafkaRecord {
    return new DetachedRecord(this.contents.copyOf(this.index), this.batch, this.index);
  }
}

/** The only record of its contents, acked in the batch that it came from. */
class DetachedRecord extends DeliveredRecord {
  private readonly origin: number;

  constructor(contents: Contents, batch: HeldBatch, origin: number) {
    super(contents, batch, 0);
    this.origin = origin;
  }

  override ack(): void {
    this.batch.ack(this.origin);
  }

  override detach(): KafkaRecord {
    return this;
  }
}

/** The records of one batch that were delivered together: those that were not acked before. */
export class DeliveredBatch implements RecordBatch {
  readonly bytes: number;
  private readonly contents: Contents;
  private readonly batch: HeldBatch;
  /** Index in the batch of each record; no array while they lie side by side. */
  private readonly picked: readonly number[] | undefined;
  private readonly start: number;
  readonly length: number;

  /** The records of `batch` from its `next` on that are not acked. */
  constructor(contents: Contents, batch: HeldBatch) {
    this.contents = contents;
    this.batch = batch;
    this.start = batch.next;
    const whole = batch.count - batch.next;
    this.picked = batch.open === whole ? undefined : unacked(batch);
    this.length = this.picked?.length ?? whole;
    this.bytes = this.length === contents.count ? contents.bytes : sum(this.length, (index) => contents.sizeAt(this.indexOf(index)));
  }

  get topic(): string {
    return this.contents.common.topic;
  }
  get partition(): number {
    return this.contents.common.partition;
  }
  get firstOffset(): number {
    return this.contents.offsetAt(this.indexOf(0));
  }
  get lastOffset(): number {
    return this.contents.offsetAt(this.indexOf(this.length - 1));
  }

  at(index: number): KafkaRecord {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw new RangeError(`no record ${String(index)} in a batch of ${String(this.length)}`);
    }
    return new DeliveredRecord(this.contents, this.batch, this.indexOf(index));
  }

  *[Symbol.iterator](): Iterator<KafkaRecord> {
    for (let index = 0; index < this.length; index++) yield this.at(index);
  }

  ack(): void {
    for (let index = 0; index < this.length; index++) this.batch.ack(this.indexOf(index));
  }

  private indexOf(index: number): number {
    return this.picked === undefined ? this.start + index : (this.picked[index] ?? 0);
  }
}

function unacked(batch: HeldBatch): readonly number[] {
  const found: number[] = [];
  for (let index = batch.next; index < batch.count; index++) if (!batch.isAcked(index)) found.push(index);
  return found;
}

function sum(length: number, of: (index: number) => number): number {
  let total = 0;
  for (let index = 0; index < length; index++) total += of(index);
  return total;
}
