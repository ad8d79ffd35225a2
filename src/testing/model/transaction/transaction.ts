import type { Producer } from './producer.ts';
import type { TransactionState } from './transactionState.ts';

/** What the coordinator knows of a transactional id. */
export interface Transaction {
  readonly transactionalId: string;
  readonly producer: Producer;
  /** Under which id and epoch the markers stand that are still to be written. */
  readonly marker: Pick<Producer, 'id' | 'epoch'>;
  /** Ms after which the coordinator aborts it. */
  readonly timeout: number;
  readonly state: TransactionState;
}

/** When the coordinator aborts it: ms on the cluster's clock; Infinity: never. */
export function dueOf({ state, timeout }: Transaction): number {
  return state.kind === 'Ongoing' ? state.since + timeout : Infinity;
}
