/** How much happened in lives: that one sees that they are not idle. */
export class Tally {
  readonly counts: Map<string, number> = new Map();

  add(what: string, count = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + count);
  }

  addAll(other: Tally): void {
    for (const [what, count] of other.counts) this.add(what, count);
  }

  /** One line for each. */
  toString(): string {
    const lines = [...this.counts].sort(([a], [b]) => (a < b ? -1 : 1));
    const width = Math.max(...lines.map(([what]) => what.length));
    return lines.map(([what, count]) => `${what.padEnd(width)}  ${count.toLocaleString('en')}`).join('\n');
  }
}
