import type { TopicPartition } from './topicPartition.ts';

/** An offset of a partition, as in a commit. */
export interface PartitionOffset extends TopicPartition {
  readonly offset: number;
}

/** Where something happened; fields are absent where they do not apply. */
export interface Place {
  readonly broker?: string;
  readonly topic?: string;
  readonly partition?: number;
}

export type PositionReason = 'committed' | 'start' | 'reset' | 'seek' | 'truncated' | 'recreated';

/** What happens inside a consumer, without its time. */
export type Happening =
  | { readonly kind: 'connected'; readonly broker: string; readonly host: string; readonly port: number }
  | { readonly kind: 'disconnected'; readonly broker: string; readonly host: string; readonly port: number; readonly error?: Error }
  | { readonly kind: 'joined'; readonly memberId: string; readonly generation: number; readonly leader: boolean }
  | {
      readonly kind: 'assigned' | 'revoked' | 'lost';
      /** What is new (`assigned`: with a cooperative assignor nothing, where nothing has moved), or gone. */
      readonly partitions: readonly TopicPartition[];
      /** Of the group; absent without one. */
      readonly generation?: number;
      /** Why it was lost: in words, or `deleted`, `recreated` of its topic. */
      readonly reason?: string;
    }
  | { readonly kind: 'revokeRequested'; readonly partitions: readonly TopicPartition[]; readonly deadline: number }
  | ({ readonly kind: 'positioned'; readonly from?: number; readonly to: number; readonly reason: PositionReason } & TopicPartition)
  | { readonly kind: 'fetched'; readonly broker: string; readonly partitions: number; readonly bytes: number; readonly duration: number }
  | ({ readonly kind: 'delivered'; readonly firstOffset: number; readonly lastOffset: number; readonly count: number } & TopicPartition)
  | { readonly kind: 'committed'; readonly offsets: readonly PartitionOffset[] }
  | { readonly kind: 'commitFailed'; readonly offsets: readonly PartitionOffset[]; readonly error: Error; readonly retrying: boolean }
  | ({ readonly kind: 'commitHeldBack'; readonly offset: number; readonly age: number; readonly behind: number } & TopicPartition)
  | ({
      readonly kind: 'retryScheduled';
      readonly api: string;
      readonly attempt: number;
      readonly delay: number;
      readonly error: Error;
    } & Place)
  | { readonly kind: 'throttled'; readonly broker: string; readonly delay: number }
  | ({
      readonly kind: 'unattended' | 'stalled' | 'recovered';
      readonly reason: string;
      readonly since: number;
      /** Records that were delivered and not acked, where that is the reason. */
      readonly unacked?: number;
    } & TopicPartition)
  | ({ readonly kind: 'failed'; readonly error: Error } & TopicPartition)
  | {
      readonly kind: 'closed';
      readonly how: 'drained' | 'unsubscribed' | 'failed';
      /** Records that were delivered and not acked. */
      readonly unacked: number;
      /** Partitions of which Kafka does not know all that was acked. */
      readonly uncommitted: number;
    };

/** What happens inside a consumer. `at`: milliseconds on the scheduler's clock. */
export type ConsumerEvent = Happening & { readonly at: number };
