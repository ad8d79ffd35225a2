/** How the commits of one partition go. Every wait is a time here, never a counter in an operator. */
export class Commits {
  /** How often it was refused in a row, while others may have been taken. */
  failures = 0;
  /** Not before this time, ms on the scheduler's clock. */
  notBefore = 0;
  /** When Kafka was last known to hold what is committed, ms on the scheduler's clock; Infinity: it was told nothing yet. */
  knownAt: number = Infinity;

  /** Kafka holds it: it was committed, or read. */
  known(at: number): void {
    this.failures = 0;
    this.notBefore = 0;
    this.knownAt = at;
  }

  /** This partition alone was refused: not again before `until`. */
  refused(until: number): void {
    this.failures++;
    this.notBefore = until;
  }
}
