import type { Doubt } from './doubt.ts';

/** Where a partition is fetched from, and when it may be asked for again. Every wait is a time here, never a counter in an operator. */
export class Route {
  /** Node id; -1: there is no leader, or none is known. */
  leader = -1;
  leaderEpoch = -1;
  /** 32 hex digits; empty: not known yet. */
  topicId = '';
  /** The follower that is read instead of the leader, since it is near (KIP-392); -1: none. */
  replica = -1;
  /** The offset with which a follower was last begun to be read; -1: none was. */
  replicaFrom = -1;
  /** How long it is, and how long only the leader is: ms on the scheduler's clock. */
  replicaUntil = 0;
  leaderUntil = 0;
  /** The round that asks for it now; an answer of any other round is stale. */
  round: object | undefined;
  /** Failures in a row. */
  failures = 0;
  /** Not before this time, ms on the scheduler's clock. */
  notBefore = 0;
  /** Since when it is said, against what we believe of the cluster, that its position is not in the log: ms on the scheduler's clock. */
  suspectedAt: number | undefined;
  /** The leader epoch in which the leader's log was found to be the one that was read; for brokers whose Fetch does not tell (before version 12). */
  provenIn = -1;
  /** What its leader has to be asked about the log before anything else. */
  doubt: Doubt | undefined;
  /** Where a whole answer without records left it below the end of the log: there may be nothing at all up to that end. */
  nothingAt: number | undefined;
  /** When it last got records, as a count of its broker's answers: who got some last stands behind the others in the next request. */
  served = 0;
  /** When its subscriber was last seen to have acked, ms on the scheduler's clock: looked at once a round. */
  ackedAt: number = -Infinity;
  /** One answer had a batch in it that cannot stand there. */
  misplaced = false;
  private acksSeen = 0;

  /** The broker that is asked for its records. */
  get source(): number {
    return this.replica >= 0 ? this.replica : this.leader;
  }

  /** Another leader, or the same in another epoch: what was true of the old one is not taken over. */
  ledBy(leader: number, leaderEpoch: number): void {
    this.leader = leader;
    this.leaderEpoch = leaderEpoch;
    this.doubt = undefined;
    this.misplaced = false;
    this.replica = -1;
    this.replicaFrom = -1;
    this.leaderUntil = 0;
    this.succeeded(0);
  }

  /** The position is another one: what was found out about the old one means nothing, nor does the pace of polls that brought nothing. A back-off that was earned stays. */
  forgetPosition(): void {
    this.release();
    this.provenIn = -1;
    this.doubt = undefined;
    this.nothingAt = undefined;
    this.misplaced = false;
    this.suspectedAt = undefined;
    this.replicaFrom = -1;
    if (this.failures === 0) this.notBefore = 0;
  }

  /** From a follower until then, and back to the leader sooner on any doubt. */
  readFrom(replica: number, offset: number, until: number): void {
    this.replica = replica;
    this.replicaFrom = offset;
    this.replicaUntil = until;
    this.release();
    this.succeeded(0);
  }

  /** From the leader again, and from no follower before `until`. */
  backToLeader(until: number): void {
    this.replica = -1;
    this.leaderUntil = until;
    this.release();
  }

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
    this.suspectedAt = undefined;
    this.notBefore = notBefore;
  }
}
