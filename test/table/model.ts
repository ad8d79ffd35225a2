import fc from 'fast-check';
import type { BatchView } from '../../src/protocol/recordBatch.ts';
import { Contents } from '../../src/table/contents.ts';
import { batchOf } from './scenario.ts';

/** What a broker might send next, told from the end of what was sent before. */
export interface Spec {
  /** How far the first batch begins before the position: the broker sends it whole. */
  readonly back: number;
  /** Offsets between, that compaction took away. */
  readonly gap: number;
  /** Offset deltas: some may be missing. */
  readonly deltas: readonly number[];
  /** Offsets behind the last record, that compaction took away. */
  readonly tail: number;
  readonly deliverable: boolean;
  readonly gzip: boolean;
}

export const someSpec: fc.Arbitrary<Spec> = fc.record({
  back: fc.constantFrom(0, 1, 4),
  gap: fc.constantFrom(0, 0, 0, 2),
  deltas: fc.subarray([0, 1, 2, 3, 4, 5]),
  tail: fc.constantFrom(0, 0, 3),
  deliverable: fc.boolean().chain((other) => fc.boolean().map((one) => one || other)),
  gzip: fc.boolean(),
});

/** The next batch of the log; undefined where it would end before the position. */
export function viewOfSpec({ back, gap, deltas, tail, gzip }: Spec, { fetchOffset, buffered }: Model): BatchView | undefined {
  const records = deltas.map((offsetDelta) => ({ offsetDelta, value: Buffer.alloc(gzip ? 100 * (1 + offsetDelta) : offsetDelta) }));
  const lastOffsetDelta = (deltas.at(-1) ?? 0) + tail;
  const base = buffered.length > 0 ? fetchOffset + gap : Math.max(0, fetchOffset - back);
  if (base + lastOffsetDelta < fetchOffset) return undefined;
  return batchOf(base, records, { lastOffsetDelta, compression: gzip ? 'gzip' : 'none' });
}

interface Buffered {
  readonly next: number;
  /** Offset and size of each record that is for the subscriber. */
  readonly records: readonly { readonly offset: number; readonly size: number }[];
  readonly bytes: number;
  readonly openBytes: number;
  opened: boolean;
}

/** One partition as simply as can be: sets of offsets, searched from the beginning each time. */
export class Model {
  buffered: Buffered[] = [];
  acked: Set<number> = new Set();
  /** Ever, and by the present subscriber. */
  delivered: Set<number> = new Set();
  now: Set<number> = new Set();
  start: number;
  private readonly window: number;
  private readonly mark: number;

  constructor(start: number, window: number, mark: number) {
    this.start = start;
    this.window = window;
    this.mark = mark;
  }

  get fetchOffset(): number {
    return this.buffered.at(-1)?.next ?? this.start;
  }

  get outstanding(): number {
    return this.count(
      (offset) => this.now.has(offset) && !this.acked.has(offset),
      () => 1,
    );
  }

  get outstandingBytes(): number {
    return this.count(
      (offset) => this.now.has(offset) && !this.acked.has(offset),
      (size) => size,
    );
  }

  /** The lowest offset that was delivered and is not acked. */
  get committable(): number | undefined {
    return this.offsets().find((offset) => this.delivered.has(offset) && !this.acked.has(offset));
  }

  get bytes(): number {
    return this.buffered
      .filter((batch) => !this.isSettled(batch))
      .reduce((sum, { opened, openBytes, bytes }) => sum + (opened ? openBytes : bytes), 0);
  }

  /** What is still to be delivered to the present subscriber. */
  get remaining(): readonly number[] {
    return this.offsets().filter((offset) => !this.now.has(offset) && !this.acked.has(offset));
  }

  push(view: BatchView, deliverable: boolean): void {
    const from = this.fetchOffset;
    const beyond = view.baseOffset >= this.mark;
    const contents = deliverable && !beyond ? Contents.open('t', 0, view) : undefined;
    const all = Array.from({ length: contents?.count ?? 0 }, (_, i) => ({
      offset: contents?.offsetAt(i) ?? 0,
      size: contents?.sizeAt(i) ?? 0,
    }));
    this.buffered.push({
      next: Math.min(view.nextOffset, this.mark),
      records: all.filter(({ offset }) => offset >= from && offset < this.mark),
      bytes: all.length > 0 ? view.sizeInBytes : 0,
      openBytes: Math.max(view.sizeInBytes, contents?.bytes ?? 0),
      opened: all.length === 0,
    });
  }

  /** The offsets that are delivered next, as one record or as one batch. */
  take(whole: boolean): readonly number[] {
    for (const batch of this.buffered) {
      if (this.isSettled(batch)) continue;
      batch.opened = true;
      const left = batch.records.filter(({ offset }) => !this.now.has(offset) && !this.acked.has(offset)).map(({ offset }) => offset);
      if (left.length === 0) continue;
      const taken = whole ? left : left.slice(0, 1);
      if (this.outstanding > 0 && this.outstanding + taken.length > this.window) return [];
      for (const offset of taken) {
        this.now.add(offset);
        this.delivered.add(offset);
      }
      return taken;
    }
    return [];
  }

  private isSettled({ opened, records }: Buffered): boolean {
    return opened && records.every(({ offset }) => this.acked.has(offset));
  }

  private offsets(): readonly number[] {
    return this.buffered.flatMap(({ records }) => records.map(({ offset }) => offset));
  }

  private count(which: (offset: number) => boolean, of: (size: number) => number): number {
    return this.buffered.flatMap(({ records }) => records).reduce((sum, { offset, size }) => sum + (which(offset) ? of(size) : 0), 0);
  }
}
