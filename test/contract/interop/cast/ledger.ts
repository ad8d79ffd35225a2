/** From when to when a member held a partition: ms; without an end it still does. */
interface Holding {
  readonly member: string;
  readonly from: number;
  to?: number;
}

/** Records that a member was given, up to and with `last`. */
interface Delivery {
  readonly partition: number;
  readonly first: number;
  readonly last: number;
  readonly at: number;
}

/** A record that came to a member, or an offset that it has committed. */
interface Sight {
  readonly member: string;
  readonly partition: number;
  readonly offset: number;
  readonly at: number;
}

export type Owners = ReadonlyMap<number, string>;

/**
 * Who held which partition of a topic when, and what was delivered to whom: all members tell it, whatever they are made of, by the clock of this
 * machine. What must not be, it remembers.
 */
export class Ledger {
  readonly #partitions: number;
  readonly #holdings = new Map<number, Holding[]>();
  readonly #seen = new Map<number, Map<number, Sight>>();
  readonly #doubles: { readonly first: Sight; readonly second: Sight }[] = [];
  readonly #commits = new Map<string, Sight[]>();
  readonly #gifts: { readonly member: string; readonly partition: number }[] = [];
  readonly #wrong: string[] = [];

  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  /** What it holds already it goes on holding. */
  given(member: string, partitions: readonly number[], at: number): void {
    for (const partition of partitions) {
      if (this.#holding(member, partition) !== undefined) continue;
      this.#of(partition).push({ member, from: at });
      this.#gifts.push({ member, partition });
    }
  }

  /** Nothing of these is delivered to it from then on. */
  taken(member: string, partitions: readonly number[], at: number): void {
    for (const partition of partitions) {
      const holding = this.#holding(member, partition);
      if (holding !== undefined) holding.to = at;
    }
  }

  delivered(member: string, { partition, first, last, at }: Delivery): void {
    const seen = this.#seen.get(partition) ?? new Map<number, Sight>();
    this.#seen.set(partition, seen);
    const holding = this.#holding(member, partition);
    if (holding === undefined || at < holding.from) this.wrong(`${member} was given ${partition}@${first} and does not hold ${partition}`);
    for (let offset = first; offset <= last; offset++) {
      const before = seen.get(offset);
      const sight: Sight = { member, partition, offset, at };
      if (before === undefined) seen.set(offset, sight);
      // Of another process we may hear later.
      else this.#doubles.push(before.at <= at ? { first: before, second: sight } : { first: sight, second: before });
    }
  }

  /** It may have to give up a partition before it could commit all that it was given: it says what it has committed. */
  commitsLate(member: string): void {
    if (!this.#commits.has(member)) this.#commits.set(member, []);
  }

  /** Of who commits late: up to that offset. */
  committed(member: string, partition: number, offset: number, at: number): void {
    this.#commits.get(member)?.push({ member, partition, offset, at });
  }

  wrong(words: string): void {
    this.#wrong.push(words);
  }

  held(member: string): readonly number[] {
    return this.#all().filter((partition) => this.#holding(member, partition) !== undefined);
  }

  /** How many records of each partition have been delivered: all below that offset, if none is missing. */
  get progress(): readonly number[] {
    return this.#all().map((partition) => this.#seen.get(partition)?.size ?? 0);
  }

  /** How often partitions have been given to members. */
  get gifts(): number {
    return this.#gifts.length;
  }

  get owners(): Owners {
    return new Map(
      this.#all().flatMap((partition) =>
        this.#of(partition)
          .filter(({ to }) => to === undefined)
          .map(({ member }) => [partition, member] as const),
      ),
    );
  }

  /** What members were given, from that gift on, although they had it before: nobody is, where only what moves is given up. */
  givenBack(before: Owners, from: number): readonly string[] {
    const back = this.#gifts.slice(from).filter(({ member, partition }) => before.get(partition) === member);
    return back.map(({ member, partition }) => `${member} was given ${partition} again`);
  }

  /** All that must not have been, in words. `ends`: where the partitions end. */
  verdict(ends: readonly number[]): readonly string[] {
    const overlaps = this.#all().flatMap((partition) => overlapsOf(partition, this.#of(partition)));
    const missing = this.#all().flatMap((partition) => {
      const seen = this.#seen.get(partition) ?? new Map<number, Sight>();
      const lost = Array.from({ length: ends[partition] ?? 0 }, (_, offset) => offset).filter((offset) => !seen.has(offset));
      return lost.map((offset) => `${partition}@${offset} came to nobody`);
    });
    const doubled = this.#doubles
      .filter(({ first, second }) => this.#wasCommitted(first, second.at))
      .map(({ first, second }) => `${first.partition}@${first.offset} came to ${first.member}, and to ${second.member} again`);
    return [...this.#wrong, ...overlaps, ...doubled, ...missing];
  }

  /** Whether it can be expected to have been, at that time. */
  #wasCommitted({ member, partition, offset }: Sight, at: number): boolean {
    const commits = this.#commits.get(member);
    return commits === undefined || commits.some((commit) => commit.partition === partition && commit.offset > offset && commit.at <= at);
  }

  #all(): readonly number[] {
    return Array.from({ length: this.#partitions }, (_, partition) => partition);
  }

  #of(partition: number): Holding[] {
    const holdings = this.#holdings.get(partition) ?? [];
    this.#holdings.set(partition, holdings);
    return holdings;
  }

  #holding(member: string, partition: number): Holding | undefined {
    return this.#of(partition).find((holding) => holding.member === member && holding.to === undefined);
  }
}

/** Two cannot hold a partition at the same time. What happens in one millisecond is taken to be in order. */
function overlapsOf(partition: number, holdings: readonly Holding[]): readonly string[] {
  const sorted = holdings.toSorted((a, b) => a.from - b.from || (a.to ?? Infinity) - (b.to ?? Infinity));
  return sorted.slice(1).flatMap((next, index) => {
    const before = sorted[index];
    const over = before?.to ?? Infinity;
    if (before === undefined || over <= next.from) return [];
    return [`${next.member} was given ${partition}, and ${before.member} held it for ${over - next.from} ms more`];
  });
}
