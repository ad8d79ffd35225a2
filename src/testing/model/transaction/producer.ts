/** Who may write under a transactional id: an id, and an epoch that tells the present producer from those before it (KIP-98). */
export interface Producer {
  readonly id: number;
  /** -1: nobody has asked yet. */
  readonly epoch: number;
  /** The epoch before, if the same producer had it and may ask again; else -1 (KIP-360). */
  readonly lastEpoch: number;
  /** The id before, whose epochs were used up; -1: none. */
  readonly lastId: number;
}

/** What a producer says that it has. */
export interface Claim {
  readonly id: number;
  readonly epoch: number;
}

export const NONE = -1;
/** The last epoch that a producer gets: one more is kept to fence it. */
export const LAST_EPOCH = 32_766;

export function newProducer(id: number): Producer {
  return { id, epoch: NONE, lastEpoch: NONE, lastId: NONE };
}

function isExhausted(epoch: number): boolean {
  return epoch >= LAST_EPOCH;
}

/** Whether the claim is one of this producer, or of the one whose epochs were used up; any, while nobody has asked yet. */
export function isKnown({ id, epoch, lastId }: Producer, claim: Claim): boolean {
  return epoch === NONE || claim.id === id || (claim.id === lastId && isExhausted(claim.epoch));
}

/**
 * Who may write after an InitProducerId; undefined: the one that asks is fenced. Without a claim everybody before is.
 *
 * With one the producer goes on after an error: from the present epoch to the next; and asking again because the answer was lost leads to the same.
 */
export function initialized(producer: Producer, claim: Claim | undefined, newId: () => number): Producer | undefined {
  const { id, epoch, lastEpoch } = producer;
  if (claim !== undefined && !isKnown(producer, claim)) return undefined;
  if (isExhausted(epoch) && (claim === undefined || claim.epoch === epoch)) {
    return { id: newId(), epoch: 0, lastEpoch: claim === undefined ? NONE : epoch, lastId: id };
  }
  if (claim === undefined) return { ...producer, epoch: epoch + 1, lastEpoch: NONE };
  if (epoch === NONE || claim.epoch === epoch) return { ...producer, epoch: epoch + 1, lastEpoch: epoch };
  return claim.epoch === lastEpoch ? producer : undefined;
}

/** The coordinator takes the epoch away from whoever has it; who comes back with it before anybody else came is given the next one. */
export function fenced(producer: Producer): Producer {
  return { ...producer, epoch: producer.epoch + 1, lastEpoch: producer.epoch };
}

/** The epoch under which the markers of a transaction stand that EndTxn from version 5 on ends (KIP-890): what comes late is fenced by it. */
export function markerEpoch({ epoch }: Producer): number {
  return epoch + 1;
}

/** Who may write after such an EndTxn. */
export function ended({ id, epoch, lastId }: Producer, newId: () => number): Producer {
  if (isExhausted(epoch)) return { id: newId(), epoch: 0, lastEpoch: epoch, lastId: id };
  return { id, epoch: epoch + 1, lastEpoch: epoch, lastId };
}

/** Whether such an EndTxn was sent once more, because its answer was lost. */
export function isRetryOfEnd({ id, epoch, lastId }: Producer, claim: Claim): boolean {
  if (claim.id === id) return epoch === claim.epoch + 1;
  return claim.id === lastId && claim.epoch === LAST_EPOCH && epoch === 0;
}
