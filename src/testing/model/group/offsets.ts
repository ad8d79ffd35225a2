/** What is committed for a partition. */
export interface Committed {
  /** Any number: Kafka takes negative ones too. */
  readonly offset: number;
  /** -1: unknown. */
  readonly leaderEpoch: number;
  readonly metadata: string;
}

/** The offset of a partition that is to be committed. */
export interface OffsetToCommit {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** -1: unknown. */
  readonly leaderEpoch: number;
  readonly metadata: string | null;
}

/** `offset.metadata.max.bytes`: longer metadata is refused with OFFSET_METADATA_TOO_LARGE. */
export const MAX_METADATA = 4_096;

interface Entry extends Committed {
  /** Its place in the coordinator's log: of a commit and a transaction's, the one that was written later holds, not the one that ended later. */
  readonly place: number;
}

type ByPartition = Map<number, Entry>;
type ByTopic = Map<string, ByPartition>;

/** What groups have committed, and what open transactions are about to commit for them. */
export class Offsets {
  private readonly committed = new Map<string, ByTopic>();
  /** By producer id. */
  private readonly pending = new Map<number, Map<string, ByTopic>>();
  private written = 0;

  commit(groupId: string, offset: OffsetToCommit): void {
    write(this.committed, groupId, offset.topic, offset.partition, this.entryOf(offset));
  }

  /** Committed once the producer's transaction is. */
  stage(groupId: string, producerId: number, offset: OffsetToCommit): void {
    write(child(this.pending, producerId), groupId, offset.topic, offset.partition, this.entryOf(offset));
  }

  end(producerId: number, ends: 'commit' | 'abort'): void {
    const staged = this.pending.get(producerId);
    this.pending.delete(producerId);
    if (staged === undefined || ends === 'abort') return;
    for (const [groupId, topics] of staged) {
      for (const [topic, partitions] of topics) {
        for (const [partition, entry] of partitions) {
          const place = this.committed.get(groupId)?.get(topic)?.get(partition)?.place ?? -1;
          if (entry.place > place) write(this.committed, groupId, topic, partition, entry);
        }
      }
    }
  }

  get(groupId: string, topic: string, partition: number): Committed | undefined {
    return this.committed.get(groupId)?.get(topic)?.get(partition);
  }

  /** Whether an open transaction is about to commit this one. */
  isPending(groupId: string, topic: string, partition: number): boolean {
    return [...this.pending.values()].some((groups) => groups.get(groupId)?.get(topic)?.has(partition) === true);
  }

  /** The partitions of a group that have committed offsets, by topic. */
  topicsOf(groupId: string): readonly { readonly name: string; readonly partitionIndexes: readonly number[] }[] {
    return [...(this.committed.get(groupId) ?? [])].map(([name, partitions]) => ({ name, partitionIndexes: [...partitions.keys()] }));
  }

  /** A topic is gone, and what was committed for it: another one of its name begins with nothing. */
  forgetTopic(name: string): void {
    for (const groups of [this.committed, ...this.pending.values()]) {
      for (const topics of groups.values()) topics.delete(name);
    }
  }

  forget(groupId: string, topic: string, partition: number): void {
    for (const groups of [this.committed, ...this.pending.values()]) {
      const topics = groups.get(groupId);
      topics?.get(topic)?.delete(partition);
      if (topics?.get(topic)?.size === 0) topics.delete(topic);
    }
  }

  forgetGroup(groupId: string): void {
    for (const groups of [this.committed, ...this.pending.values()]) groups.delete(groupId);
  }

  private entryOf({ offset, leaderEpoch, metadata }: OffsetToCommit): Entry {
    return { offset, leaderEpoch, metadata: metadata ?? '', place: this.written++ };
  }
}

function write(groups: Map<string, ByTopic>, groupId: string, topic: string, partition: number, entry: Entry): void {
  child(child(groups, groupId), topic).set(partition, entry);
}

function child<K, C, V>(maps: Map<K, Map<C, V>>, key: K): Map<C, V> {
  const found = maps.get(key) ?? new Map<C, V>();
  maps.set(key, found);
  return found;
}
