import type { Observable, Unsubscribable } from 'rxjs';
import type { KafkaRecord, RecordBatch } from './record.ts';
import type { StartPosition } from './startPosition.ts';

/** In which group, as which member, a partition is held. */
export interface Membership {
  readonly groupId: string;
  readonly memberId: string;
  readonly generation: number;
  readonly instanceId?: string;
}

/**
 * The records of one partition during one assignment.
 *
 * Subscribe it, once at a time; while it is assigned it may be subscribed again, and starts at the lowest record that is not acked.
 * It completes when the partition is taken away or the consumer stops. Any operator on it returns a plain Observable.
 */
export interface PartitionStream extends Observable<KafkaRecord> {
  /** `orders-3`. */
  readonly key: string;
  readonly topic: string;
  readonly partition: number;
  /** No two streams of one consumer share it. */
  readonly assignmentEpoch: number;
  /** The same stream in whole batches, for speed. Shares the one subscriber. */
  readonly batches: Observable<RecordBatch>;
  /** Aborts when work no longer counts: lost, hand-over deadline passed, consumer closed. `reason` is an Error. */
  readonly signal: AbortSignal;
  /** The next offset to deliver; undefined while it is looked up. */
  readonly position: number | undefined;
  readonly committed: number | undefined;
  /** End of the partition (last stable offset under read_committed) − position; undefined until both are known. */
  readonly lag: number | undefined;
  readonly membership: Membership | undefined;
  /** Goes on elsewhere. Throws NotAssignedError once the stream has ended; legal on an errored stream. */
  seek(to: StartPosition | 'committed'): void;
  /** Stops delivery before the next record, not fetching, until unsubscribed. Several may hold one. */
  pause(): Unsubscribable;
  /** Cold: each subscription commits what is acked at that moment, and completes when Kafka knows. */
  commit(): Observable<never>;
}
