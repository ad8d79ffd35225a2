/** One thing that happened. The words are made when somebody reads them. */
export interface Line {
  /** Ms. */
  readonly at: number;
  /** Where: `m1 requests`. */
  readonly lane: string;
  readonly words: () => string;
}

/** The last things that happened. */
export class Journal {
  private readonly lines: (Line | undefined)[];
  private next = 0;

  constructor(length = 40) {
    this.lines = new Array<Line | undefined>(length).fill(undefined);
  }

  note(at: number, lane: string, words: () => string): void {
    this.lines[this.next % this.lines.length] = { at, lane, words };
    this.next++;
  }

  /** Oldest first. */
  last(): readonly Line[] {
    const from = this.next % this.lines.length;
    return [...this.lines.slice(from), ...this.lines.slice(0, from)].filter((line) => line !== undefined);
  }
}
