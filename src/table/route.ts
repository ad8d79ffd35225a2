/** Where a partition is fetched from, and when it may be asked for again. Every wait is a time here, never a counter in an operator. */
export class Route {
  /** Node id; -1: there is no leader, or none is known. */
  leader = -1;
  leaderEpoch = -1;
  /** 32 hex digits; empty: not known yet. */
  topicId = '';
  /** The round that asks for it now; an answer of any other round is stale. */
  round: object | undefined;
  /** Failures in a row. */
  failures = 0;
  /** Not before this time, ms on the scheduler's clock. */
  notBefore = 0;
  /** Its log is said not to be the one that was read of, by one answer so far. */
  suspected = false;
  /** When it last got records, as a count of its broker's answers: who got some last stands behind the others in the next request. */
  served = 0;
  /** When its subscriber was last seen to have acked, ms on the scheduler's clock: looked at once a round. */
  ackedAt: number = -Infinity;
  private acksSeen = 0;

  /** Looks whether its subscriber has acked since the last look. */
  seeAcks(acks: number, now: number): void {
    if (acks === this.acksSeen) return;
    this.acksSeen = acks;
    this.ackedAt = now;
  }

  /** What is under way for it does not count any more. */
  release(): void {
    this.round = undefined;
  }

  /** It failed: not again before `until`. */
  failed(until: number): void {
    this.failures++;
    this.notBefore = until;
  }

  /** It went well: the back-off starts anew. */
  succeeded(notBefore: number): void {
    this.failures = 0;
    this.suspected = false;
    this.notBefore = notBefore;
  }
}
