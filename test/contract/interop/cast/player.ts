import type { HasBrokers } from '../../../support/kafka.ts';
import type { Ledger } from './ledger.ts';

/** Kafka's names of assignors, as the members list them. */
export type Listing = readonly ('cooperative-sticky' | 'range' | 'RoundRobinAssigner')[];

/** The group that is played in. */
export interface Play {
  readonly kafka: HasBrokers;
  readonly topic: string;
  readonly partitions: number;
  readonly groupId: string;
  readonly ledger: Ledger;
}

/** A member of the group: it tells the ledger what happens to it, and its client id is its name. */
export interface Player {
  readonly name: string;
  /** Whether it led, in each generation that it was in; only ours say so. */
  readonly led: readonly boolean[];
  /** Stops gracefully; resolves when it is over. */
  leave(): Promise<void>;
}

/** Who comes on under that name. */
export type Enter = (name: string, listing: Listing, play: Play) => Player | Promise<Player>;

/** What all of them are given, ms: rebalances are noticed at once, and sessions outlast a machine that is busy. */
export const timing: { readonly session: number; readonly heartbeat: number } = { session: 10_000, heartbeat: 100 };
