import { rewritten } from './rewrite.ts';
import { recordsOf, type StoredBatch, type StoredRecord } from './storedBatch.ts';
import type { LoggedTransaction } from './transactionIndex.ts';

/** A batch that compaction leaves: with its own bytes, or others. */
export interface Compacted {
  readonly batch: StoredBatch;
  readonly bytes: Buffer;
}

/** What one pass over a log goes by. */
interface Pass {
  readonly before: number;
  /** The last offset of each key. */
  readonly latest: ReadonlyMap<string, number>;
  /** The transactions of which there are still batches. */
  readonly present: ReadonlySet<LoggedTransaction>;
  /** The last offset that each producer wrote. */
  readonly lastOf: ReadonlyMap<number, number>;
}

/**
 * Of each key only the last record below `before` stays, and nothing that was aborted. Records without a key stay: a broker refuses them in a compacted
 * topic.
 *
 * A batch goes when it has become empty, but for the last of a producer: that stays without records, since it tells the producer's last sequence.
 * Tombstones, and markers of which nothing else is left, are marked by one pass and taken away by the next (KIP-534).
 */
export function compacted(batches: readonly StoredBatch[], before: number): readonly Compacted[] {
  const reached = batches.filter(({ base }) => base < before);
  const pass: Pass = { before, latest: latestOf(reached, before), present: presentIn(batches), lastOf: lastOf(batches) };
  return batches.flatMap((batch): readonly Compacted[] => {
    const bytes = batch.base < before ? remains(batch, pass) : batch.bytes;
    return bytes === undefined ? [] : [{ batch, bytes }];
  });
}

function remains(batch: StoredBatch, pass: Pass): Buffer | undefined {
  if (batch.view.recordCount === 0) return isLastOfProducer(batch, pass) ? batch.bytes : undefined;
  return batch.control === undefined ? cleaned(batch, pass) : cleanedMarker(batch, pass);
}

function cleaned(batch: StoredBatch, pass: Pass): Buffer | undefined {
  const { before, latest } = pass;
  const records = recordsOf(batch);
  const aborted = batch.transaction?.ends === 'abort';
  const marked = batch.view.hasDeleteHorizon;
  const kept = records.filter(({ offset, key, value }) => {
    if (offset >= before) return true;
    if (aborted) return false;
    if (key === null) return true;
    return latest.get(keyOf(key)) === offset && !(marked && value === null);
  });
  if (kept.length === 0) return isLastOfProducer(batch, pass) ? empty(batch) : undefined;
  if (!marked && kept.some(isTombstone)) return rewritten(batch, kept, { hasDeleteHorizon: true, baseTimestamp: batch.view.maxTimestamp });
  return kept.length === records.length ? batch.bytes : rewritten(batch, kept);
}

function cleanedMarker(batch: StoredBatch, pass: Pass): Buffer | undefined {
  if (batch.transaction !== undefined && pass.present.has(batch.transaction)) return batch.bytes;
  if (!batch.view.hasDeleteHorizon)
    return rewritten(batch, recordsOf(batch), { hasDeleteHorizon: true, baseTimestamp: batch.view.maxTimestamp });
  return isLastOfProducer(batch, pass) ? empty(batch) : undefined;
}

function empty(batch: StoredBatch): Buffer {
  return rewritten(batch, [], { baseTimestamp: batch.view.maxTimestamp, hasDeleteHorizon: false });
}

function isTombstone({ key, value }: StoredRecord): boolean {
  return key !== null && value === null;
}

function isLastOfProducer({ view, last }: StoredBatch, { lastOf }: Pass): boolean {
  return view.producerId >= 0 && lastOf.get(view.producerId) === last;
}

function latestOf(batches: readonly StoredBatch[], before: number): Pass['latest'] {
  const latest = new Map<string, number>();
  for (const batch of batches) {
    if (batch.control !== undefined || batch.transaction?.ends === 'abort') continue;
    for (const { key, offset } of recordsOf(batch)) if (key !== null && offset < before) latest.set(keyOf(key), offset);
  }
  return latest;
}

function presentIn(batches: readonly StoredBatch[]): Pass['present'] {
  const present = new Set<LoggedTransaction>();
  for (const { control, transaction } of batches) if (control === undefined && transaction !== undefined) present.add(transaction);
  return present;
}

/** Where each producer's last batch of records ends; the marker, where it has written nothing in the epoch of that. */
function lastOf(batches: readonly StoredBatch[]): Pass['lastOf'] {
  const last = new Map<number, number>();
  const epochs = new Map<number, number>();
  for (const { control, view, last: offset } of batches) {
    if (control === undefined || epochs.get(view.producerId) !== view.producerEpoch) last.set(view.producerId, offset);
    epochs.set(view.producerId, view.producerEpoch);
  }
  return last;
}

function keyOf(key: Buffer): string {
  return key.toString('latin1');
}
