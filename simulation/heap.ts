/** What is to be done at some time. A value, but for its time: what is late is put off. */
export interface Entry {
  /** When it is done, ms. */
  time: number;
  /** What came over the network is read behind the timers, as Node does. */
  readonly phase: 0 | 1;
  /** When it was to be done, ms: what is late is done in this order. */
  readonly due: number;
  /** First come, first served. */
  readonly order: number;
  /** undefined: it was cancelled. */
  run: (() => void) | undefined;
  /** Whose event loop it waits for; undefined: nobody's. */
  readonly loop: Loop | undefined;
}

/** An event loop that may be blocked. */
export interface Loop {
  /** When it is free again, ms. */
  readonly freeAt: number;
}

/** What is to be done, the next one first. What was cancelled is dropped when its turn comes, or when half of what is here is that. */
export class Heap {
  private entries: Entry[] = [];
  private dead = 0;

  /** Entries that are not cancelled. */
  get live(): number {
    return this.entries.length - this.dead;
  }

  push(entry: Entry): void {
    this.entries.push(entry);
    this.rise(this.entries.length - 1);
  }

  /** The next one that is not cancelled. */
  peek(): Entry | undefined {
    for (let next = this.entries[0]; next !== undefined; next = this.entries[0]) {
      if (next.run !== undefined) return next;
      this.pop();
      this.dead--;
    }
    return undefined;
  }

  pop(): void {
    const last = this.entries.pop();
    if (last === undefined || this.entries.length === 0) return;
    this.entries[0] = last;
    this.sink(0);
  }

  cancel(entry: Entry): void {
    if (entry.run === undefined) return;
    entry.run = undefined;
    this.dead++;
    if (this.dead > 64 && this.dead * 2 > this.entries.length) this.sweep();
  }

  private sweep(): void {
    this.entries = this.entries.filter(({ run }) => run !== undefined).sort((a, b) => (isBefore(a, b) ? -1 : 1));
    this.dead = 0;
  }

  private rise(from: number): void {
    const { entries } = this;
    let index = from;
    const entry = entries[index];
    while (entry !== undefined && index > 0) {
      const above = (index - 1) >> 1;
      const parent = entries[above];
      if (parent === undefined || !isBefore(entry, parent)) break;
      entries[index] = parent;
      entries[above] = entry;
      index = above;
    }
  }

  private sink(from: number): void {
    const { entries } = this;
    let index = from;
    const entry = entries[index];
    while (entry !== undefined) {
      let below = 2 * index + 1;
      let child = entries[below];
      const right = entries[below + 1];
      if (right !== undefined && child !== undefined && isBefore(right, child)) {
        child = right;
        below++;
      }
      if (child === undefined || !isBefore(child, entry)) break;
      entries[index] = child;
      entries[below] = entry;
      index = below;
    }
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  if (a.time !== b.time) return a.time < b.time;
  if (a.phase !== b.phase) return a.phase < b.phase;
  return a.due === b.due ? a.order < b.order : a.due < b.due;
}
