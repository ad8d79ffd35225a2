import type { Fault } from './fault.ts';

/** What happens to a cluster, as a value: for `SimulatedCluster.apply`. Brokers are named by their node id, 1, 2, … */
export type Happening =
  | { readonly kind: 'append'; readonly topic: string; readonly partition: number; readonly records: number }
  | {
      readonly kind: 'transaction';
      readonly topic: string;
      readonly partition: number;
      readonly records: number;
      readonly ends: 'commit' | 'abort' | 'open';
      readonly producerId: number;
    }
  /** Ends what `transaction` left open. */
  | {
      readonly kind: 'endTransaction';
      readonly topic: string;
      readonly partition: number;
      readonly ends: 'commit' | 'abort';
      readonly producerId: number;
    }
  | { readonly kind: 'createTopic'; readonly topic: string; readonly partitions: number; readonly replicationFactor?: number }
  | { readonly kind: 'addPartitions'; readonly topic: string; readonly partitions: number }
  | { readonly kind: 'deleteTopic'; readonly topic: string }
  /** Another replica leads, in a new epoch; -1: nobody. */
  | { readonly kind: 'move'; readonly topic: string; readonly partition: number; readonly leader: number }
  /** A follower stops copying what is written from now on (`off: true`: it has caught up). */
  | { readonly kind: 'lag'; readonly topic: string; readonly partition: number; readonly node: number; readonly off?: boolean }
  /** The log is cut to that end, in a new epoch: an unclean election. */
  | { readonly kind: 'truncate'; readonly topic: string; readonly partition: number; readonly end: number }
  /** Retention: what is below that offset is gone. */
  | { readonly kind: 'deleteRecords'; readonly topic: string; readonly partition: number; readonly before: number }
  /** Compaction: of each key below that offset only the last record stays. Leaves holes and empty batches. */
  | { readonly kind: 'compact'; readonly topic: string; readonly partition: number; readonly before: number }
  /** A broker dies: its connections break, its partitions are led by others where there are replicas. */
  | { readonly kind: 'down'; readonly node: number }
  | { readonly kind: 'up'; readonly node: number }
  /** It does not read nor answer, and its connections stay (SIGSTOP, a network that swallows); `up` ends it. */
  | { readonly kind: 'freeze'; readonly node: number }
  /** All its connections break. */
  | { readonly kind: 'cut'; readonly node: number }
  /** Groups are coordinated elsewhere; -1: nowhere. What the coordinator knew of groups stays. */
  | { readonly kind: 'moveCoordinator'; readonly node: number }
  /** A broker tells from now on what metadata it knows now (`off: true`: no more). */
  | { readonly kind: 'staleMetadata'; readonly node: number; readonly off?: boolean }
  /** The coordinator forgets the members of a group, or of all. */
  | { readonly kind: 'evict'; readonly groupId?: string }
  /** The members of a group, or of all, are called together anew. */
  | { readonly kind: 'rebalance'; readonly groupId?: string }
  /** Somebody commits an offset of a group, without being a member. */
  | { readonly kind: 'commit'; readonly groupId: string; readonly topic: string; readonly partition: number; readonly offset: number }
  | { readonly kind: 'fault'; readonly fault: Fault };
