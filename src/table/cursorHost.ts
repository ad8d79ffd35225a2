import type { TopicPartition } from '../model/topicPartition.ts';
import type { Amount } from './held.ts';
import type { HeldBatch } from './heldBatch.ts';
import type { Route } from './route.ts';
import type { ShareHost } from './share.ts';

/** Somebody who is asked for of a broker. */
export interface Routed {
  readonly route: Pick<Route, 'leader' | 'source'>;
}

/** What a cursor needs of its table. */
export interface CursorHost extends ShareHost {
  /** How much may be delivered and not acked. */
  readonly window: Amount;
  /** at-most-once: what is delivered was committed before. */
  readonly delivery: 'at-least-once' | 'at-most-once';
  /** A commit is due after that many acks. */
  readonly commitEvery: number;
  /** Subscribers came or went: slices are cut anew. */
  attendanceChanged(): void;
  /** Its broker may have something to fetch or to look up now. */
  demandChanged(cursor: Routed): void;
  /** Something that a drain or a commit waits for may have happened. */
  settled(): void;
  /** Delivery has passed this batch. */
  passed(place: TopicPartition, batch: HeldBatch): void;
}
