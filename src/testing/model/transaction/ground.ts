import type { Partition } from '../topic.ts';
import type { Ends } from './transactionState.ts';

/** What the coordinator of transactions needs of its cluster. */
export interface Ground {
  readonly brokers: ReadonlyMap<number, { readonly up: boolean }>;
  /** The broker that coordinates; -1: none. */
  readonly coordinator: number;
  readonly groups: { endTxn(producerId: number, ends: Ends): void };
  find(topic: string, partition: number): Partition | undefined;
  /** Something has happened that a parked request may wait for. */
  changed(): void;
}
