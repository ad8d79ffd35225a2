import type { Claim } from './claims.ts';
import { Finding } from './finding.ts';
import type { TruePartition } from './world.ts';

/** What a witness goes by. */
export interface Terms {
  readonly committedOnly: boolean;
  /** A lie about aborted transactions may have been told: which of transactional records are delivered is the broker's word then. */
  readonly mayLieOfTransactions: () => boolean;
}

/** Failures in a row that nothing but a seek ends. */
const LOST_AFTER = 12;

/**
 * Watches what a consumer makes of one partition.
 *
 * It goes only to the end of a whole batch that stood in an answer, never back; delivers in order and nothing twice; and what it does not deliver was
 * passed over by a batch that is not in the log: by the word of who wrote that, who has had the checksum right.
 */
export class Witness {
  readonly key: string;
  private readonly truth: TruePartition;
  private readonly terms: Terms;
  /** Offsets that it may go to. */
  private readonly ends = new Set<number>([0]);
  /** Batches that are not in its log, as far as they may be taken for some of it. */
  private readonly lies: Claim[] = [];
  /** What a damaged answer has left out between two batches, or before the first: as if compaction had taken it. */
  private readonly gaps: { readonly from: number; readonly to: number }[] = [];
  private readonly delivered = new Set<number>();
  private asked = 0;
  private failures = 0;
  /** The last one delivered since it was positioned or subscribed. */
  private last = -1;
  /** By what it was positioned elsewhere: it may pass over what is before that. */
  private readonly floors: number[] = [];

  constructor(truth: TruePartition, terms: Terms) {
    this.truth = truth;
    this.terms = terms;
    this.key = `${truth.topic}/${truth.partition}`;
  }

  /** Bytes of the largest batch that it may have been sent. */
  largest = 0;

  sent(claims: readonly Claim[], isDamaged: boolean): void {
    let before = this.asked;
    for (const claim of claims) {
      const { base, next, bytes, place, follows } = claim;
      if (place !== undefined && place !== this.key) continue;
      if (isDamaged && follows && base > before) this.gaps.push({ from: before, to: base });
      before = next;
      this.ends.add(next);
      this.largest = Math.max(this.largest, bytes.length);
      if (place === undefined || this.truth.batches.get(base)?.equals(bytes) !== true) this.lies.push(claim);
    }
  }

  get liedTo(): readonly Claim[] {
    return this.lies;
  }

  /** It was told to go on there. */
  positioned(to: number, reason: string): void {
    if (reason === 'seek' || reason === 'committed') throw new Finding(`${this.key}: nobody asked for ${reason} ${to}`);
    this.ends.add(to);
    this.floors.push(to);
    this.last = to - 1;
  }

  /** Subscribed again, at the lowest record that is not acked. */
  rewound(to: number): void {
    this.ends.add(to);
    this.last = Math.min(this.last, to - 1);
  }

  askedFor(offset: number): void {
    this.asked = offset;
    if (offset <= this.last) throw new Finding(`${this.key}: ${this.last} is delivered, and ${offset} is asked for: it has gone back`);
    if (!this.ends.has(offset) && offset !== this.last + 1)
      throw new Finding(`${this.key}: it has gone to ${offset}, where no batch that it was sent ends`);
  }

  /** Its stream has errored. */
  failed(code: string): void {
    if (code === 'OFFSET_OUT_OF_RANGE' || code === 'LOG_TRUNCATED') this.failures++;
    else this.failures = 0;
  }

  /**
   * It fails again and again, by its name, because of what a batch with the right checksum has said of offsets or epochs: the checksum covers neither the
   * base offset nor the epoch. Who reads it seeks.
   */
  get isLost(): boolean {
    return this.failures >= LOST_AFTER && this.lies.length > 0;
  }

  gave(offset: number, value: string | null): void {
    if (offset <= this.last) throw new Finding(`${this.key}: ${offset} is delivered after ${this.last}`);
    this.last = offset;
    this.failures = 0;
    const written = this.truth.records.get(offset);
    const isTrue = written?.value === value && (!written.isAborted || !this.terms.committedOnly || this.terms.mayLieOfTransactions());
    if (isTrue) this.delivered.add(offset);
    else if (!this.lies.some(({ base, next }) => offset >= base && offset < next))
      throw new Finding(`${this.key}: ${offset} is delivered as ${JSON.stringify(value)}, which is not in the log`);
  }

  /** They are decoded when they are looked at. */
  sawHeaders(count: number): void {
    if (count > 0 && this.lies.length === 0)
      throw new Finding(`${this.key}: ${this.last} has ${count} headers, and nothing in the log has any`);
  }

  /** What is still to be delivered by a consumer that is at `position`; undefined: nothing. */
  missing(position: number | undefined): number | undefined {
    for (const [offset, { isAborted, isTransactional }] of this.truth.records) {
      if (this.delivered.has(offset) || (isAborted && this.terms.committedOnly)) continue;
      if (position === undefined || position <= offset) return offset;
      if (isTransactional && this.terms.committedOnly && this.terms.mayLieOfTransactions()) continue;
      if (this.lies.some(({ next }) => next > offset) || this.floors.some((floor) => floor > offset)) continue;
      if (this.gaps.some(({ from, to }) => from <= offset && offset < to)) continue;
      throw new Finding(`${this.key}: it is at ${position}, ${offset} was not delivered, and nothing has passed over it`);
    }
    return undefined;
  }
}
