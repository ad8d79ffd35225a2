import type { Observable, ObservableInput, SchedulerLike } from 'rxjs';
import type { Assignor } from '../group/assignor.ts';
import type { AutoOffsetReset, IsolationLevel, StartFrom } from '../model/startPosition.ts';
import type { EventSink, ManualPartition, TopicSelection } from './types.ts';

/** As a member of a group. */
export interface GroupMode {
  readonly kind: 'group';
  readonly groupId: string;
  /** By name, each once. */
  readonly topics: readonly string[];
  readonly patterns?: readonly RegExp[];
  /** Selections that replace `topics` and `patterns`. */
  readonly selections?: Observable<TopicSelection>;
  readonly instanceId?: string;
  readonly leaveOnClose: boolean;
  readonly assignors: readonly Assignor[];
  readonly rackId?: string;
  readonly sessionTimeout: number;
  readonly heartbeatInterval: number;
  readonly rebalanceTimeout: number;
}

/** With partitions of the user's choice. */
export interface ManualMode {
  readonly kind: 'manual';
  readonly partitions: readonly ManualPartition[];
  readonly groupId?: string;
}

/** The options of a consumer, checked and complete. Times are milliseconds. Frozen. */
export interface Settings {
  readonly mode: GroupMode | ManualMode;
  readonly delivery: 'at-least-once' | 'at-most-once';
  /** false: nothing is committed by itself. `records`: Infinity where there is no such limit. */
  readonly commit: { readonly interval: number; readonly records: number } | false;
  /** Absent: as `autoOffsetReset` says. */
  readonly startFrom?: StartFrom;
  readonly autoOffsetReset: AutoOffsetReset;
  readonly stopAt?: 'end' | { readonly timestamp: number };
  readonly until?: ObservableInput<unknown> | AbortSignal;
  readonly drainTimeout: number;
  readonly closeTimeout: number;
  /** 0: for ever. */
  readonly startTimeout: number;
  readonly isolationLevel: IsolationLevel;
  readonly window: { readonly records: number; readonly bytes: number };
  readonly maxBuffered: number;
  readonly fetch: { readonly minBytes: number; readonly maxWait: number; readonly maxBytes: number; readonly maxPartitionBytes: number };
  readonly requestTimeout: number;
  readonly backoff: { readonly initial: number; readonly max: number; readonly jitter: number };
  readonly metadataMaxAge: number;
  readonly unattendedTimeout: number | false;
  readonly checkCrcs: boolean;
  readonly events?: EventSink;
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
}
