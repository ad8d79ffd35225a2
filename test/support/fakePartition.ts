import { Observable, from, type SchedulerLike, type Subscriber, type Unsubscribable } from 'rxjs';
import { AlreadySubscribedError } from '../../src/errors/index.ts';
import type { PartitionStream } from '../../src/model/partitionStream.ts';
import type { KafkaRecord, RecordBatch, RecordHeaders } from '../../src/model/record.ts';

export interface FakeOptions {
  readonly partition?: number;
  /** How many records there are at first. */
  readonly records?: number;
  /** Records per batch of `batches`. */
  readonly batch?: number;
  /** Of the consumer that the stream would belong to. */
  readonly patience?: { readonly drainTimeout: number; readonly scheduler: SchedulerLike };
}

/** A consumer that is assigned these. */
export function assigned(...partitions: readonly PartitionStream[]): Observable<PartitionStream> {
  return from(partitions);
}

const noHeaders: RecordHeaders = { length: 0, get: () => undefined, getAll: () => [], [Symbol.iterator]: () => [].values() };

/**
 * A partition stream without Kafka: delivers synchronously what was pushed, stops before the next record while a pause is held, and
 * starts at the lowest un-acked record when it is subscribed again, as the contract says. It counts what the tests ask about.
 */
export class FakePartition extends Observable<KafkaRecord> implements PartitionStream {
  readonly topic = 't';
  readonly partition: number;
  readonly assignmentEpoch: number;
  readonly batches: Observable<RecordBatch>;
  readonly committed = undefined;
  readonly lag = undefined;
  readonly membership = undefined;
  /** Pauses that are held now, and how many there ever were. */
  pauses = 0;
  pausesEver = 0;
  subscriptions = 0;
  /** The most records (batches) that were delivered and not acked at one time. */
  mostOutstanding = 0;
  /** How often it stood there with neither a subscriber nor a pause. */
  unattended = 0;
  readonly acks: number[] = [];
  readonly #batchSize: number;
  readonly #controller = new AbortController();
  readonly #acked = new Set<number>();
  readonly #outstanding = new Set<number>();
  #end: number;
  #position = 0;
  #deliverNext: (() => number) | undefined;
  #subscriber: Subscriber<never> | undefined;
  #pumping = false;
  #completed = false;
  #failure: { readonly offset: number; readonly error: unknown } | undefined;

  constructor({ partition = 0, records = 0, batch = 2, patience }: FakeOptions = {}) {
    super((out) => this.#attach(out, () => this.#deliverRecord(out)));
    this.partition = partition;
    this.assignmentEpoch = partition;
    this.#end = records;
    this.#batchSize = batch;
    this.batches = new Observable((out) => this.#attach(out, () => this.#deliverBatch(out)));
    if (patience !== undefined) Reflect.set(this, Symbol.for('kafka-rx.patience'), patience);
  }

  get key(): string {
    return `${this.topic}-${this.partition}`;
  }
  get signal(): AbortSignal {
    return this.#controller.signal;
  }
  get position(): number {
    return this.#position;
  }
  get subscribed(): boolean {
    return this.#subscriber !== undefined;
  }

  /** More records are there. */
  push(count = 1): void {
    this.#end += count;
    this.#pump();
  }

  /** Revoked, or stopping: what is worked on may still be acked. */
  complete(): void {
    this.#completed = true;
    this.#subscriber?.complete();
  }

  /** Lost: what is worked on no longer counts. */
  lose(reason: Error = new Error('lost')): void {
    this.abort(reason);
    this.complete();
  }

  /** The consumer is closed. */
  abort(reason: Error = new Error('closed')): void {
    this.#controller.abort(reason);
  }

  /** A record that cannot be read: the good ones before it first, then the stream errors, each time, until it is healed. */
  failAt(offset: number, error: unknown): void {
    this.#failure = { offset, error };
    this.#pump();
  }

  /** The stream errors at once, whatever is worked on. */
  fail(error: unknown): void {
    this.#subscriber?.error(error);
  }

  heal(): void {
    this.#failure = undefined;
  }

  seek(to: unknown): void {
    if (typeof to === 'object' && to !== null && 'offset' in to) this.#position = Number(to.offset);
    for (let offset = 0; offset < this.#position; offset++) this.#acked.add(offset);
  }

  pause(): Unsubscribable {
    let held = true;
    this.pauses += 1;
    this.pausesEver += 1;
    return {
      unsubscribe: () => {
        if (!held) return;
        held = false;
        this.pauses -= 1;
        this.#look();
        this.#pump();
      },
    };
  }

  commit(): Observable<never> {
    return new Observable<never>((out) => out.complete());
  }

  #attach(out: Subscriber<never>, deliverNext: () => number): void {
    if (this.#completed) {
      out.complete();
      return;
    }
    if (this.#subscriber !== undefined) {
      out.error(new AlreadySubscribedError('subscribed twice'));
      return;
    }
    this.#subscriber = out;
    this.#deliverNext = deliverNext;
    this.subscriptions += 1;
    this.#outstanding.clear();
    this.#position = 0;
    out.add(() => {
      this.#subscriber = undefined;
      this.#look();
    });
    this.#pumping = false;
    this.#pump();
  }

  #look(): void {
    if (!this.#completed && this.#subscriber === undefined && this.pauses === 0) this.unattended += 1;
  }

  #pump(): void {
    if (this.#pumping || this.#completed) return;
    this.#pumping = true;
    const subscriber = this.#subscriber;
    while (subscriber !== undefined && subscriber === this.#subscriber && !subscriber.closed && this.pauses === 0) {
      while (this.#acked.has(this.#position)) this.#position += 1;
      if (this.#failure !== undefined && this.#position >= this.#failure.offset) subscriber.error(this.#failure.error);
      else if (this.#position < this.#end) this.#position = this.#deliverNext?.() ?? this.#position;
      else break;
    }
    if (subscriber === this.#subscriber) this.#pumping = false;
  }

  #deliverRecord(out: Subscriber<KafkaRecord>): number {
    const offset = this.#position;
    this.#position += 1;
    this.#count(offset);
    out.next(this.#record(offset));
    return this.#position;
  }

  #deliverBatch(out: Subscriber<RecordBatch>): number {
    const firstOffset = this.#position;
    this.#position = Math.min(firstOffset + this.#batchSize, this.#end);
    const records: KafkaRecord[] = [];
    for (let offset = firstOffset; offset < this.#position; offset++) records.push(this.#record(offset));
    this.#count(firstOffset);
    out.next({
      topic: this.topic,
      partition: this.partition,
      firstOffset,
      lastOffset: this.#position - 1,
      length: records.length,
      bytes: 0,
      at: (index) => records[index] ?? this.#record(-1),
      ack: () => records.forEach((record) => record.ack()),
      [Symbol.iterator]: () => records.values(),
    });
    return this.#position;
  }

  #count(offset: number): void {
    this.#outstanding.add(offset);
    this.mostOutstanding = Math.max(this.mostOutstanding, this.#outstanding.size);
  }

  #record(offset: number): KafkaRecord {
    const record: KafkaRecord = {
      topic: this.topic,
      partition: this.partition,
      offset,
      timestamp: 0,
      key: null,
      value: null,
      headers: noHeaders,
      leaderEpoch: 0,
      ack: () => {
        this.#outstanding.delete(offset);
        if (this.#acked.has(offset)) return;
        this.#acked.add(offset);
        this.acks.push(offset);
      },
      detach: () => record,
    };
    return record;
  }
}
