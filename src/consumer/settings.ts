import type { SchedulerLike, ObservableInput } from 'rxjs';
import type { Backoff } from '../cluster/backoff.ts';
import type { GroupSettings } from '../group/host.ts';
import type { ConsumerEvent } from '../model/events.ts';
import type { AutoOffsetReset, IsolationLevel, StartFrom, StartPosition } from '../model/startPosition.ts';
import type { TopicPartition } from '../model/topicPartition.ts';
import type { Amount } from '../table/held.ts';

/** As a member of a group. */
export interface GroupMode extends GroupSettings {
  readonly kind: 'group';
  readonly topics: readonly string[];
  readonly leaveOnClose: boolean;
}

/** With partitions of the user's choice; with a groupId commits go to that group, without being a member. */
export interface ManualMode {
  readonly kind: 'manual';
  readonly partitions: readonly (TopicPartition & { readonly startFrom?: StartPosition })[];
  readonly groupId?: string;
}

/** The options of one consumer, checked and complete. Times are in milliseconds. */
export interface ConsumerSettings {
  readonly mode: GroupMode | ManualMode;
  readonly delivery: 'at-least-once' | 'at-most-once';
  /** false: we commit nothing by ourselves. `records`: Infinity where no count was given. */
  readonly commit: { readonly interval: number; readonly records: number } | false;
  readonly startFrom?: StartFrom;
  readonly autoOffsetReset: AutoOffsetReset;
  readonly stopAt?: 'end' | { readonly timestamp: number };
  readonly until?: ObservableInput<unknown> | AbortSignal;
  readonly drainTimeout: number;
  readonly closeTimeout: number;
  /** 0: for ever. */
  readonly startTimeout: number;
  readonly isolationLevel: IsolationLevel;
  readonly window: Amount;
  readonly maxBuffered: number;
  readonly fetch: { readonly minBytes: number; readonly maxWait: number; readonly maxBytes: number; readonly maxPartitionBytes: number };
  readonly requestTimeout: number;
  readonly backoff: Backoff;
  readonly metadataMaxAge: number;
  readonly unattendedTimeout: number | false;
  readonly checkCrcs: boolean;
  readonly events?: ((event: ConsumerEvent) => void) | { next(event: ConsumerEvent): void };
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
}
