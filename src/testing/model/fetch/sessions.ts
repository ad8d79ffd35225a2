import type { FetchPartitionAll, FetchRequestAll } from '../../../protocol/apis/fetchAll.ts';

/** A partition that a session fetches, and what its client has last been told of it. */
export interface SessionPartition {
  readonly key: string;
  /** undefined: no topic has had that id so far. */
  topic: string | undefined;
  readonly topicId: string;
  asked: FetchPartitionAll;
  highWatermark: number;
  logStartOffset: number;
}

/** What a client fetches, so that it need not say it again each time (KIP-227). */
export interface FetchSession {
  readonly id: number;
  readonly usesTopicIds: boolean;
  /** What the next request of the session has to say. */
  epoch: number;
  /** Its last request: served anew, it is no second one. */
  request: FetchRequestAll | undefined;
  readonly createdAt: number;
  usedAt: number;
  /** In the order in which they are read: those that had records go to the end. */
  readonly partitions: Map<string, SessionPartition>;
}

/** `min.incremental.fetch.session.eviction.ms`. */
const EVICTABLE_AFTER = 120_000;

/** The fetch sessions of a broker. */
export class FetchSessions {
  private readonly sessions: Map<number, FetchSession> = new Map();
  private count = 0;

  get size(): number {
    return this.sessions.size;
  }

  get(id: number): FetchSession | undefined {
    return this.sessions.get(id);
  }

  /**
   * A new session, or undefined where there is no room for it: neither a free slot, nor a session that has not been used for two minutes, nor one
   * that is as old and smaller. Ids are given out once, so that a broker which has restarted, or another one, does not know those of before.
   */
  open(
    at: { readonly node: number; readonly now: number; readonly slots: number },
    usesTopicIds: boolean,
    size: number,
  ): FetchSession | undefined {
    if (this.sessions.size >= at.slots && !this.evict(at.now, size)) return undefined;
    const id = at.node * 1_000_000 + ++this.count;
    const session: FetchSession = {
      id,
      usesTopicIds,
      epoch: 1,
      request: undefined,
      createdAt: at.now,
      usedAt: at.now,
      partitions: new Map(),
    };
    this.sessions.set(id, session);
    return session;
  }

  close(id: number): void {
    this.sessions.delete(id);
  }

  /** The broker has restarted. */
  clear(): void {
    this.sessions.clear();
  }

  private evict(now: number, size: number): boolean {
    const all = [...this.sessions.values()];
    const stale = all.filter(({ usedAt }) => now - usedAt > EVICTABLE_AFTER).sort((a, b) => a.usedAt - b.usedAt);
    const smaller = all
      .filter(({ usedAt, createdAt, partitions }) => usedAt - createdAt > EVICTABLE_AFTER && partitions.size <= size)
      .sort((a, b) => a.partitions.size - b.partitions.size);
    const victim = stale[0] ?? smaller[0];
    if (victim !== undefined) this.sessions.delete(victim.id);
    return victim !== undefined;
  }
}

/** The epoch after that one: after the highest comes 1, since 0 would open a session. */
export function nextEpoch(epoch: number): number {
  return epoch === 0x7fffffff ? 1 : epoch + 1;
}
