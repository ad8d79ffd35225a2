import type { SchedulerLike } from 'rxjs';
import type { Happening } from '../model/events.ts';
import type { Connector } from '../transport/port.ts';
import type { Backoff } from './backoff.ts';

/** What every room of one consumer is given: its clock, its chance, its patience, and where to tell what happens. */
export interface Context {
  readonly connector: Connector;
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
  readonly backoff: Backoff;
  /** Milliseconds. */
  readonly requestTimeout: number;
  /** Milliseconds. */
  readonly metadataMaxAge: number;
  /** Never throws, never re-enters. */
  readonly tell: (happening: Happening) => void;
}
