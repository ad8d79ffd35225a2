import { CorruptBatchError, UnsupportedCodecError } from '../errors/index.ts';
import { partitionKey } from '../model/topicPartition.ts';
import { askForStretch, isCommitted, type Licensed } from './atMostOnce.ts';
import type { Contents } from './contents.ts';
import type { CursorEvent, CursorState } from './cursorState.ts';
import { DeliveredBatch, DeliveredRecord } from './deliveredRecord.ts';
import type { Amount } from './held.ts';
import type { HeldBatch } from './heldBatch.ts';

/** Why a stream delivers nothing at this moment. */
export type Hold = 'unsubscribed' | 'locating' | 'empty' | 'window' | 'commit' | 'paused' | 'failed' | 'over';

/** A pause that has lasted for so long keeps nothing buffered: ms. */
const LONG_PAUSE = 10_000;

/** What delivery needs of its cursor. */
export interface Deliverable extends Licensed {
  readonly state: CursorState;
  /** What is under way for it may be let go of. */
  readonly route: { release(): void };
  readonly over: boolean;
  readonly acks: number;
  position: number | undefined;
  apply(event: CursorEvent): void;
  pass(): HeldBatch | undefined;
  balance(): void;
  rewind(): void;
}

/** What delivery needs of its table. */
export interface DeliveryHost {
  /** How much may be delivered and not acked. */
  readonly window: Amount;
  readonly delivery: 'at-least-once' | 'at-most-once';
  /** A commit may be due. */
  settled(): void;
}

/** The subscriber's side of a cursor: who listens, who holds a pause, and what goes next. */
export class Delivery {
  /** Somebody is subscribed. */
  subscribed = false;
  /** How many hold a pause. */
  pauses = 0;
  /** There was a subscriber at some time. */
  begun = false;
  /** When the last delivery ended, ms on the scheduler's clock. */
  endedAt: number = -Infinity;
  /** How many acks had counted when the present delivery began. */
  acksAtStart = 0;
  /** How many subscribed after the stream had ended. */
  late = 0;
  /** The stream has errored, or its subscriber came back after the end: nobody works on what was delivered before. */
  abandoned = false;
  /** Why the last `take` gave nothing. */
  hold: Hold = 'unsubscribed';
  /** Counts the pauses, of however many holders each: to tell the one that is seen now from the one that was seen before. */
  private pausesBegun = 0;
  /** The pause that was there at the last look, and when it was seen first: ms on the scheduler's clock. */
  private seen = { pause: 0, at: 0 };
  /** Its pause has lasted for so long that it takes no part any more. */
  private dormant = false;
  private readonly cursor: Deliverable;
  private readonly host: DeliveryHost;
  private readonly attendanceChanged: () => void;

  /** `attendanceChanged`: called when a subscriber came or went. */
  constructor(cursor: Deliverable, host: DeliveryHost, attendanceChanged: () => void) {
    this.cursor = cursor;
    this.host = host;
    this.attendanceChanged = attendanceChanged;
  }

  /** Somebody is subscribed, and not in a long pause: it is fetched, and has its share of the buffer. */
  get attended(): boolean {
    return this.subscribed && !this.dormant;
  }

  /** A new subscriber: delivery starts at the lowest record that is not acked. */
  attach(): void {
    const { cursor } = this;
    this.subscribed = true;
    this.begun = true;
    this.abandoned = false;
    this.acksAtStart = cursor.acks;
    cursor.apply({ kind: 'retry' });
    cursor.rewind();
    this.attendanceChanged();
  }

  detach(): void {
    this.subscribed = false;
    this.hold = 'unsubscribed';
    this.attendanceChanged();
  }

  /** One more holds a pause. Nothing is asked of the clock: a handler may pause for every record. */
  pause(): void {
    if (this.pauses++ === 0) this.pausesBegun++;
  }

  /** One holds it no more. */
  resume(): void {
    this.pauses--;
    if (this.pauses > 0 || !this.dormant) return;
    this.dormant = false;
    this.attendanceChanged();
  }

  /**
   * To be called now and then; answers once that its pause is a long one, and takes no more part from then on: `giveUp` is to follow. What fails behind
   * good records, or has ended, goes on: nothing would fetch those again.
   */
  tires(now: number): boolean {
    if (this.pauses === 0 || this.dormant) return false;
    if (this.seen.pause !== this.pausesBegun) this.seen = { pause: this.pausesBegun, at: now };
    if (now - this.seen.at < LONG_PAUSE || this.cursor.over || this.cursor.state.kind === 'failed') return false;
    this.dormant = true;
    return true;
  }

  /** What was not delivered is kept no longer. The position stays where it is, and at resume all behind it is fetched anew. Slices are to be cut anew then. */
  giveUp(): void {
    const { cursor } = this;
    // What is on its way begins where the buffer ended: it would leave a hole.
    if (cursor.state.kind === 'fetching') cursor.route.release();
    cursor.held.dropUndelivered();
    cursor.balance();
  }

  /** The next record; undefined: `hold` says why there is none. */
  take(): DeliveredRecord | undefined {
    const batch = this.deliverable();
    if (batch === undefined) return undefined;
    const contents = batch.contents();
    const index = batch.next;
    const size = contents.sizeAt(index);
    if (!this.roomFor(1, size) || !this.isKnown(contents.offsetAt(index) + 1)) return undefined;
    this.cursor.held.deliveredOne(batch, size);
    this.cursor.pass();
    return new DeliveredRecord(contents, batch, index);
  }

  /** The next whole batch, as `take` does records. */
  takeBatch(): DeliveredBatch | undefined {
    const batch = this.deliverable();
    if (batch === undefined) return undefined;
    const contents = batch.contents();
    const delivered = new DeliveredBatch(contents, batch);
    if (!this.roomFor(delivered.length, delivered.bytes) || !this.isKnown(batch.nextOffset)) return undefined;
    while (!batch.exhausted) this.cursor.held.deliveredOne(batch, contents.sizeAt(batch.next));
    this.cursor.pass();
    return delivered;
  }

  private deliverable(): HeldBatch | undefined {
    const obstacle = this.obstacle();
    if (obstacle !== undefined) {
      this.hold = obstacle;
      return undefined;
    }
    for (;;) {
      const batch = this.cursor.pass();
      if (batch === undefined) {
        this.hold = this.afterTheLast();
        return undefined;
      }
      if (this.opens(batch) !== undefined && !batch.exhausted) return batch;
    }
  }

  private obstacle(): Hold | undefined {
    if (this.cursor.over) return 'over';
    if (!this.subscribed) return 'unsubscribed';
    if (this.pauses > 0) return 'paused';
    return this.cursor.state.kind === 'locating' ? 'locating' : undefined;
  }

  private afterTheLast(): Hold {
    if (this.cursor.over) return 'over';
    return this.cursor.state.kind === 'failed' ? 'failed' : 'empty';
  }

  /** Decompresses and indexes a batch; one that cannot be read fails the partition behind the records before it. */
  private opens(batch: HeldBatch): Contents | undefined {
    const { held } = this.cursor;
    const before = held.bytes;
    try {
      return held.open(batch);
    } catch (cause) {
      held.dropFrom(batch);
      this.cursor.apply({ kind: 'fail', error: unreadable(batch, cause) });
      return undefined;
    } finally {
      if (held.bytes !== before) this.cursor.balance();
    }
  }

  /** At most once: whether Kafka has been told of the records below `end`. */
  private isKnown(end: number): boolean {
    if (this.host.delivery === 'at-least-once' || isCommitted(this.cursor, end)) return true;
    askForStretch(this.cursor, end);
    this.host.settled();
    this.hold = 'commit';
    return false;
  }

  private roomFor(records: number, bytes: number): boolean {
    const { held } = this.cursor;
    const { window } = this.host;
    if (held.records === 0) return true;
    if (held.records + records <= window.records && held.recordBytes + bytes <= window.bytes) return true;
    this.hold = 'window';
    return false;
  }
}

function unreadable({ topic, partition, firstOffset, nextOffset }: HeldBatch, cause: unknown): Error {
  const last = nextOffset - 1;
  const batch = `the batch of ${partitionKey(topic, partition)} at offsets ${String(firstOffset)} to ${String(last)}`;
  const place = { topic, partition, offset: firstOffset, cause };
  if (cause instanceof UnsupportedCodecError)
    return new UnsupportedCodecError(cause.codec, cause.install, { ...place, cause: cause.cause }, batch);
  return new CorruptBatchError(`${batch} cannot be read`, firstOffset, last, place);
}
