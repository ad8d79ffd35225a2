import type { Claim } from './producer.ts';
import type { Place } from './places.ts';
import type { Transactions } from './transactions.ts';

/** Something that a producer writes within its transaction: a batch, or offsets of a group. */
export interface Write {
  readonly transactionalId: string;
  readonly claim: Claim;
  readonly place: Place;
  /** Ms on the cluster's clock. */
  readonly now: number;
}

/**
 * How a write comes into its transaction, by the version of its request (KIP-890): it adds its place itself (Produce from 12 on, TxnOffsetCommit from
 * 5 on); or the place must have been added, and the error for one that was not says that the transaction can only be aborted (11; 4), or is an
 * older one.
 */
export type Admission = 'adds' | 'abortable' | 'old';

export function admissionOf(version: number, [adds, abortable]: readonly [adds: number, abortable: number]): Admission {
  if (version >= adds) return 'adds';
  return version >= abortable ? 'abortable' : 'old';
}

/** Kafka's name of the error for such a write; undefined: it may be written. */
export function admit(transactions: Transactions, { transactionalId, claim, place, now }: Write, admission: Admission): string | undefined {
  const error =
    admission === 'adds' ? transactions.add(transactionalId, claim, [place], now) : transactions.verify(transactionalId, claim, place);
  if (error === 'PRODUCER_FENCED') return 'INVALID_PRODUCER_EPOCH';
  if (error === 'TRANSACTION_ABORTABLE' && admission === 'old') return 'INVALID_TXN_STATE';
  return error;
}
