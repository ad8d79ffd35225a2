import { verdictOf, verdictOfOld } from './endTransaction.ts';
import type { Ground } from './ground.ts';
import { writeMarkers } from './markers.ts';
import { keyOf, placesOf, type Place } from './places.ts';
import { ended, fenced, initialized, isKnown, markerEpoch, newProducer, type Claim } from './producer.ts';
import { dueOf, type Transaction } from './transaction.ts';
import { transition, type Ends, type TransactionEvent } from './transactionState.ts';

/** What a request comes to: an id and an epoch to go on with, or an error by Kafka's name. */
export type Outcome = Claim | { readonly error: string };

/** Ids below are for batches that a script writes by itself. */
const FIRST_ID = 1_000;

/**
 * The transactions of a cluster as their coordinator knows them; all that it knows is written in its log, so that it outlives the coordinator.
 *
 * Markers are written at once, where a real coordinator answers first and writes then: an EndTxn is followed by no CONCURRENT_TRANSACTIONS here,
 * unless a partition has no leader.
 */
export class Transactions {
  private readonly cluster: Ground;
  private readonly transactions = new Map<string, Transaction>();
  private nextId = FIRST_ID;

  constructor(cluster: Ground) {
    this.cluster = cluster;
  }

  /** When a transaction runs out of time next: ms on the cluster's clock; Infinity: never. */
  get due(): number {
    let due = Infinity;
    if (this.cluster.coordinator < 0) return due;
    for (const transaction of this.transactions.values()) due = Math.min(due, dueOf(transaction));
    return due;
  }

  /** Transactions whose time is over are aborted, each at its time; markers are written that waited for a leader. */
  tick(now: number): void {
    if (this.cluster.coordinator < 0) return;
    for (const transaction of [...this.transactions.values()]) {
      const due = dueOf(transaction);
      if (due <= now) this.fence(transaction, due);
      else this.complete(transaction, now);
    }
  }

  /** What is known of a transactional id. */
  get(transactionalId: string): Transaction | undefined {
    return this.transactions.get(transactionalId);
  }

  /** An id that no producer has. */
  newId(): number {
    return this.nextId++;
  }

  /**
   * An id and an epoch for the producer of a transactional id. Everybody who had them before is fenced, or only those before `claim`.
   * A transaction that is open is aborted first, and the producer has to ask again: CONCURRENT_TRANSACTIONS.
   */
  initialize(transactionalId: string, timeout: number, claim: Claim | undefined, now: number): Outcome {
    const known = this.transactions.get(transactionalId) ?? this.created(transactionalId, timeout);
    const { state, producer } = known;
    if (state.kind === 'PrepareCommit' || state.kind === 'PrepareAbort' || state.kind === 'Ongoing') {
      if (claim !== undefined && !isKnown(producer, claim)) return { error: 'PRODUCER_FENCED' };
      if (state.kind === 'Ongoing') this.fence(known, now);
      return { error: 'CONCURRENT_TRANSACTIONS' };
    }
    const next = initialized(producer, claim, () => this.newId());
    if (next === undefined) return { error: 'PRODUCER_FENCED' };
    this.put({ ...known, producer: next, timeout, state: transition(state, { kind: 'initialized' }) });
    return { id: next.id, epoch: next.epoch };
  }

  /** The transaction writes to these places: Kafka's name of the error; undefined: they are added. */
  add(transactionalId: string, claim: Claim, places: readonly Place[], now: number): string | undefined {
    const transaction = this.transactions.get(transactionalId);
    const error = errorFor(transaction, claim);
    if (transaction === undefined || error !== undefined) return error;
    this.move(transaction, { kind: 'added', at: now, places: placesOf(places) });
    return undefined;
  }

  /** Whether the transaction writes to that place. */
  verify(transactionalId: string, claim: Claim, place: Place): string | undefined {
    const transaction = this.transactions.get(transactionalId);
    const error = errorFor(transaction, claim);
    if (error !== undefined) return error;
    const isThere = transaction?.state.kind === 'Ongoing' && transaction.state.places.has(keyOf(place));
    return isThere ? undefined : 'TRANSACTION_ABORTABLE';
  }

  /** Ends a transaction. `bumps`: with an epoch of its own, as EndTxn does from version 5 on (KIP-890). */
  end(transactionalId: string, claim: Claim, ends: Ends, bumps: boolean, now: number): Outcome {
    const transaction = this.transactions.get(transactionalId);
    if (transaction === undefined) return { error: 'INVALID_PRODUCER_ID_MAPPING' };
    const verdict = (bumps ? verdictOf : verdictOfOld)(transaction, claim, ends);
    if (verdict.kind === 'error') return { error: verdict.error };
    if (verdict.kind === 'done') return transaction.producer;
    const { producer } = transaction;
    const next = bumps ? ended(producer, () => this.newId()) : producer;
    const marker = { id: producer.id, epoch: bumps ? markerEpoch(producer) : producer.epoch };
    this.complete(this.move({ ...transaction, producer: next, marker }, { kind: 'ended', ends }), now);
    return next;
  }

  /** Aborts it and takes the epoch away from its producer. */
  private fence(transaction: Transaction, now: number): void {
    const producer = fenced(transaction.producer);
    this.complete(this.move({ ...transaction, producer, marker: producer }, { kind: 'ended', ends: 'abort' }), now);
  }

  private complete(transaction: Transaction, now: number): void {
    const { kind } = transaction.state;
    if (kind !== 'PrepareCommit' && kind !== 'PrepareAbort') return;
    const keys = writeMarkers(this.cluster, transaction, now);
    if (keys.length === 0 && transaction.state.places.size > 0) return;
    this.move(transaction, { kind: 'marked', keys });
    this.cluster.changed();
  }

  private created(transactionalId: string, timeout: number): Transaction {
    const producer = newProducer(this.newId());
    return this.put({ transactionalId, producer, marker: producer, timeout, state: { kind: 'Empty' } });
  }

  private move(transaction: Transaction, event: TransactionEvent): Transaction {
    return this.put({ ...transaction, state: transition(transaction.state, event) });
  }

  private put(transaction: Transaction): Transaction {
    this.transactions.set(transaction.transactionalId, transaction);
    return transaction;
  }
}

/** What keeps this producer from going on with its transaction. */
function errorFor(transaction: Transaction | undefined, claim: Claim): string | undefined {
  if (transaction?.producer.id !== claim.id) return 'INVALID_PRODUCER_ID_MAPPING';
  if (transaction.producer.epoch !== claim.epoch) return 'PRODUCER_FENCED';
  const { kind } = transaction.state;
  return kind === 'PrepareCommit' || kind === 'PrepareAbort' ? 'CONCURRENT_TRANSACTIONS' : undefined;
}
