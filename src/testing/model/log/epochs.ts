/** Where an epoch begins in a log. */
interface EpochStart {
  readonly epoch: number;
  readonly start: number;
}

/** Where an epoch ended; -1, -1: not known. */
export interface EpochEnd {
  readonly epoch: number;
  readonly endOffset: number;
}

const unknown: EpochEnd = { epoch: -1, endOffset: -1 };

/** What a replica knows of the log: how far it has it, and the epoch in which it leads (undefined: it does not). */
export interface EpochScope {
  readonly end: number;
  readonly leads?: number;
}

/** Which leader epoch wrote which part of a log (KIP-101). */
export class Epochs {
  private starts: EpochStart[] = [];

  /** A batch of that epoch stands there. */
  note(epoch: number, offset: number): void {
    if (epoch < 0 || epoch === this.latest) return;
    this.starts = this.starts.filter((each) => each.epoch < epoch && each.start < offset);
    this.starts.push({ epoch, start: offset });
  }

  /** -1: none. */
  get latest(): number {
    return this.starts.at(-1)?.epoch ?? -1;
  }

  /** The first that there is of the log was written in it; -1: that is not known. */
  earliest(start: number, scope: EpochScope): number {
    const first = this.known(scope)[0];
    return first !== undefined && first.start <= start ? first.epoch : -1;
  }

  /** Where that epoch began; undefined: it is not known. */
  startOf(epoch: number, scope: EpochScope): number | undefined {
    return this.known(scope).find((each) => each.epoch === epoch)?.start;
  }

  /**
   * Where the highest epoch that is not above the one asked for ended: where the one after it began. An epoch that is above all, or not given, is
   * unknown; one that is below all ends where the first begins.
   */
  endOf(asked: number, scope: EpochScope): EpochEnd {
    const known = this.known(scope);
    const latest = known.at(-1);
    if (asked < 0 || latest === undefined || asked > latest.epoch) return unknown;
    if (asked === latest.epoch) return { epoch: asked, endOffset: scope.end };
    const above = known.findIndex(({ epoch }) => epoch > asked);
    return { epoch: known[above - 1]?.epoch ?? asked, endOffset: known[above]?.start ?? -1 };
  }

  truncateTo(end: number): void {
    this.starts = this.starts.filter(({ start }) => start < end);
  }

  /** The log begins there now: the epoch in which that lies does too. */
  truncateFrom(start: number): void {
    const first = Math.max(0, this.starts.filter((each) => each.start <= start).length - 1);
    this.starts = this.starts.slice(first).map((each) => (each.start < start ? { ...each, start } : each));
  }

  /**
   * A follower does not know the epochs that begin where it has not come to. A leader that has written nothing yet has its own begin at the end, in
   * the place of one that begins there too.
   */
  private known({ end, leads = -1 }: EpochScope): readonly EpochStart[] {
    if (leads > this.latest) return [...this.starts.filter(({ start }) => start < end), { epoch: leads, start: end }];
    return this.starts.filter(({ start }, i) => i === 0 || start < end);
  }
}
