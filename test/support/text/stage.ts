import type { Observable, SchedulerLike } from 'rxjs';
import type { Action } from './actions.ts';
import type { Given } from './given.ts';

/** One thing that happened, in the words of its lane. */
export interface Seen {
  readonly lane: string;
  readonly words: string;
}

/** What a text marble is played on: consumers of a cluster, in virtual time. */
export interface Stage {
  /** What happens on the lanes that can be expected, as it happens. */
  readonly seen: Observable<Seen>;
  /** Connections that are open. */
  readonly open: number;
  /** Throws where an invariant does not hold, or did not. All has been unsubscribed. */
  judge(): void;
  /** Subscribes the consumer. */
  start(): void;
  /** Does what a letter of a lane that drives says. Throws where that cannot be done. */
  drive(action: Action): void;
  /** Unsubscribes whatever goes on. */
  end(): void;
}

/** A stage on which everything is as it is given, and nothing has begun. */
export type OpenStage = (scheduler: SchedulerLike, given: Given) => Stage;
