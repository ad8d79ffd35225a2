import type { StreamShadow } from '../shadow/streamShadow.ts';

/** Offsets that were passed over. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** It is not known of which epoch a record was. */
const UNKNOWN = -1;

/**
 * What became of the records of each place: a partition of one topic, read by one group. A record is what lies at an offset and was written in an epoch: after a log was
 * cut its offsets are given out again.
 */
export class Ledger {
  /** What was delivered and not acked when the user went elsewhere: passed over as well. */
  readonly left: Map<string, number> = new Map();
  /** Where the log of each stream was last said to part from what was read. */
  readonly parted: WeakMap<StreamShadow, number> = new WeakMap();
  private readonly acked = new Map<string, Map<number, Set<number>>>();
  private readonly passed = new Map<string, Stretch[]>();
  private readonly epochs = new WeakMap<StreamShadow, Map<number, number>>();

  /** These were delivered, and had been written in that epoch. */
  wrote(stream: StreamShadow, offsets: readonly number[], epoch: number = UNKNOWN): void {
    const known = this.epochs.get(stream) ?? new Map<number, number>();
    this.epochs.set(stream, known);
    for (const offset of offsets) known.set(offset, epoch);
  }

  ack(place: string, stream: StreamShadow, offset: number): void {
    const known = this.acked.get(place) ?? new Map<number, Set<number>>();
    this.acked.set(place, known);
    known.set(offset, (known.get(offset) ?? new Set()).add(this.epochs.get(stream)?.get(offset) ?? UNKNOWN));
  }

  pass(place: string, stretch: Stretch): void {
    if (stretch.to > stretch.from) this.passed.set(place, [...(this.passed.get(place) ?? []), stretch]);
  }

  /** Whether somebody acked it, or it was passed over and that was told. */
  isAccountedFor(place: string, offset: number, epoch: number): boolean {
    const acked = this.acked.get(place)?.get(offset);
    if (acked?.has(epoch) === true || acked?.has(UNKNOWN) === true) return true;
    return this.passed.get(place)?.some(({ from, to }) => from <= offset && offset < to) === true;
  }
}
