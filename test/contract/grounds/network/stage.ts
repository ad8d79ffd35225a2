import type { Direction } from '../../../support/proxy.ts';
import type { Remote } from '../consumers/consumer.ts';
import type { Look } from '../consumers/steadyReader.ts';

/** What can be done to the network between a reader and its broker. */
export interface Network {
  /** What is sent in that direction does not get there. */
  swallow(direction: Direction): void;
  /** Each way takes so many ms longer. */
  delay(ms: number): void;
  /** Ends all connections, and there are no new ones. */
  refuse(): Promise<void>;
  heal(): Promise<void>;
}

/** Ms. */
export interface Timing {
  readonly requestTimeout: number;
  readonly backoff: { readonly initial: number; readonly max: number; readonly jitter: number };
  /** For the machine: two cores, and other tests. */
  readonly slack: number;
  /** So long is a moment in which things are swallowed. */
  readonly moment: number;
  /** Each way, and it is not too slow. */
  readonly slow: number;
  readonly refusal: number;
}

/** A topic that is written to all the time, and its reader, who is behind a network that can be spoilt. */
export interface Scene {
  readonly network: Network;
  readonly reader: Remote<Look>;
  /** How many records were written to each partition. */
  readonly written: readonly number[];
  /** Breaks a connection, in one of the stage's ways; resolves when that has happened. */
  cut(how: string, place: string): Promise<void>;
  close(): Promise<void>;
}

/** A real Kafka behind a proxy, or the simulated cluster and its faults. */
export interface Stage {
  readonly kind: 'real' | 'simulated';
  readonly timing: Timing;
  /** Ways of breaking a connection, and the places in which each is tried. */
  readonly cuts: readonly { readonly how: string; readonly places: readonly string[] }[];
  open(): Promise<Scene>;
}

export const partitions = 3;
